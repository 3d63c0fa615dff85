import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import { AUTHOR_RULE, STRIKE_RULE } from '../../../discovery/load/load-limits.ts'
import { createLibp2pNode, type Libp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'
import { loadTopic, sealLoad } from '../../../protocols/load/load-record.ts'
import { nodeLoad } from '../../support/routing.ts'
import { type SwarmNode, swarmNode, untilKnown, untilTable } from '../../support/swarm-node.ts'

const TOPIC = loadTopic('test')

/** Messages that the flooder may get rid of. */
const OFFERED = 10_000
/** Messages of the honest node, and those that were on their way when the flooder was cut. */
const SPARE = 200

/** A node that speaks gossipsub on the load topic and keeps to no rule. */
async function flooder(): Promise<Libp2pNode & { readonly say: (seq: number) => Promise<Uint8Array> }> {
  const privateKey = await generateKeyPair('Ed25519')
  const node = await createLibp2pNode({
    privateKey,
    network: 'test',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    mdns: false,
    version: '0.0.0',
    allowedTopics: [TOPIC],
  })
  await node.start()
  const say = (seq: number): Promise<Uint8Array> =>
    sealLoad({ ...nodeLoad(seq), at: Date.now() }, privateKey, { network: 'test' })
  return Object.assign(node, { say })
}

type Flooder = Awaited<ReturnType<typeof flooder>>

const FLOODS: Readonly<Record<string, (bad: Flooder, seq: number) => Uint8Array | Promise<Uint8Array>>> = {
  junk: () => randomBytes(200),
  'records that are too large': () => randomBytes(2_000),
  'sound and signed records': (bad, seq) => bad.say(Date.now() + seq),
}

describe('a flood of load records', () => {
  /** The victim's time stands still during the flood: a busy machine would make a trickle of it. */
  let now: number | undefined
  const clock: Clock = { ...systemClock, monotonic: () => now ?? systemClock.monotonic() }
  let victim: SwarmNode
  let honest: SwarmNode
  let bad: Flooder

  beforeEach(async () => {
    now = undefined
    victim = await swarmNode({ clock })
    honest = await swarmNode({ models: ['tiny'], bootstrap: victim.libp2p.getMultiaddrs() })
    await untilKnown(victim, honest.id)
    bad = await flooder()
  })

  afterEach(async () => {
    await Promise.all([victim.stop(), honest.stop(), bad.stop()])
  })

  /** Connects and subscribes, so that what is published goes to the victim; returns how much of it did. */
  async function attack(next: (seq: number) => Uint8Array | Promise<Uint8Array>): Promise<number> {
    const subscribed = new Promise<void>((resolve) => {
      bad.services.pubsub.addEventListener('subscription-change', () => resolve(), { once: true })
    })
    bad.services.pubsub.subscribe(TOPIC)
    await bad.dial(victim.libp2p.getMultiaddrs())
    await subscribed
    let sent = 0
    const messages: Uint8Array[] = []
    for (let seq = 1; seq <= OFFERED / 10; seq++) messages.push(await next(seq))
    now = systemClock.monotonic()
    for (let said = 0; sent < OFFERED && bad.getConnections(victim.libp2p.peerId).length > 0; said += 1) {
      const data = messages[said % messages.length] ?? assert.fail()
      // The victim hung up, or the message is a repetition.
      const { recipients } = await bad.services.pubsub.publish(TOPIC, data).catch(() => ({ recipients: [] }))
      if (recipients.some((peer) => peer.equals(victim.libp2p.peerId))) sent += 1
      if (said % 20 === 0) await nextTurn()
    }
    return sent
  }

  for (const [name, next] of Object.entries(FLOODS)) {
    it(`is cut, and its sender denied: ${name}`, async () => {
      const sent = await attack((seq) => next(bad, seq))
      assert.ok(sent < OFFERED, `all ${sent} messages were offered before the cut`)
      const id = bad.peerId.toString()
      assert.ok(victim.denyList.isDenied(id))
      assert.deepEqual(victim.libp2p.getConnections(bad.peerId), [])
      const { accepted, refused } = victim.discovery.gossipCounters
      const judged = accepted + Object.values(refused).reduce((sum, count) => sum + count, 0) - refused.denied
      const allowed = AUTHOR_RULE.burst + STRIKE_RULE.burst + SPARE
      assert.ok(judged <= allowed, `${judged} messages were judged, of which ${allowed} may be`)
    })
  }

  it('keeps its sender out when it comes back, and costs an honest peer nothing', async () => {
    await attack(() => randomBytes(200))
    await assert.rejects(async () => {
      await bad.dial(victim.libp2p.getMultiaddrs())
      // The gate of the victim closes the connection after the handshake: the flooder's own end may still look open for
      // a moment.
      await bad.services.ping.ping(victim.libp2p.peerId)
    })
    assert.deepEqual(victim.libp2p.getConnections(bad.peerId), [])
    assert.ok(victim.table.get(honest.id)?.connected)
    const before = victim.table.get(honest.id)?.load?.seq ?? 0
    honest.state.loads = []
    honest.discovery.loadChanged()
    await untilTable(victim, (table) => (table.get(honest.id)?.load?.seq ?? 0) > before)
  })
})
