/**
 * Replayed and forged load records over real gossip: what a node believes of an honest rig is only what that rig said.
 * The validator alone meets 100,000 of them in test/unit/discovery/load/load-validator.test.ts; here are fewer, through
 * everything that stands around it.
 */
import assert from 'node:assert/strict'
import type { Message } from '@chainsafe/libp2p-gossipsub'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { createLibp2pNode, type Libp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'
import { loadTopic, sealLoad } from '../../../protocols/load/load-record.ts'
import { eventually } from '../../support/daemon.ts'
import { publishTo } from '../../support/publish-to.ts'
import { modelLoad, nodeLoad } from '../../support/routing.ts'
import { type SwarmNode, swarmNode, untilKnown, untilTable } from '../../support/swarm-node.ts'

const TOPIC = loadTopic('test')
/** Below the burst that a neighbour may send before it is cut, so that each of them is judged. */
const FORGERIES = 150
/** What the honest rig says of itself; nobody else says it. */
const TRUE_LOADS = [modelLoad({ running: 1, queued: 1, estimatedWaitMs: 77 })]

describe('forged and replayed load records', () => {
  let victim: SwarmNode
  let honest: SwarmNode
  let bad: Libp2pNode
  let badKey: PrivateKey
  /** Records of the honest rig as the liar heard them. */
  let heard: Uint8Array[]

  beforeEach(async () => {
    victim = await swarmNode()
    honest = await swarmNode({ models: ['tiny'], bootstrap: victim.libp2p.getMultiaddrs() })
    honest.state.loads = TRUE_LOADS
    await untilKnown(victim, honest.id)
    heard = []
    bad = await liar()
    await eventually('the liar hears the honest rig', () => {
      honest.discovery.loadChanged()
      return heard.length > 0
    })
    await untilTable(victim, (table) => table.get(honest.id)?.load !== undefined)
  })

  afterEach(async () => {
    await Promise.all([victim.stop(), honest.stop(), bad.stop()])
  })

  async function liar(): Promise<Libp2pNode> {
    badKey = await generateKeyPair('Ed25519')
    const node = await createLibp2pNode({
      privateKey: badKey,
      network: 'test',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      mdns: false,
      version: '0.0.0',
      allowedTopics: [TOPIC],
    })
    await node.start()
    node.services.pubsub.addEventListener('message', ({ detail }: CustomEvent<Message>) => {
      if (detail.type === 'signed' && detail.from.toString() === honest.id) heard.push(detail.data)
    })
    const subscribed = new Promise<void>((resolve) => {
      node.services.pubsub.addEventListener('subscription-change', () => resolve(), { once: true })
    })
    node.services.pubsub.subscribe(TOPIC)
    await node.dial(victim.libp2p.getMultiaddrs())
    await subscribed
    return node
  }

  function refusals(): number {
    return Object.values(victim.discovery.gossipCounters.refused).reduce((sum, count) => sum + count, 0)
  }

  /** Sends them all, waits until the victim has judged them, and returns for what they were refused. */
  async function offer(
    messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<Readonly<Record<string, number>>> {
    const before = { ...victim.discovery.gossipCounters.refused }
    const judged = refusals()
    let sent = 0
    for await (const data of messages) {
      await publishTo(bad.services.pubsub, victim.libp2p.peerId, TOPIC, data)
      sent += 1
    }
    await eventually(`${sent} messages were refused`, () => refusals() - judged >= sent)
    const after = Object.entries(victim.discovery.gossipCounters.refused)
    return Object.fromEntries(
      after.flatMap(([reason, count]) => {
        const more = count - (before[reason as keyof typeof before] ?? 0)
        return more === 0 ? [] : [[reason, more]]
      }),
    )
  }

  /** What is believed is what the honest rig said, and it still gets through. */
  async function stillTrue(): Promise<void> {
    assert.deepEqual(victim.table.get(honest.id)?.load?.models, TRUE_LOADS)
    assert.equal(victim.table.get(bad.peerId.toString())?.load, undefined)
    const seq = victim.table.get(honest.id)?.load?.seq ?? 0
    honest.state.loads = []
    honest.discovery.loadChanged()
    await untilTable(victim, (table) => (table.get(honest.id)?.load?.seq ?? 0) > seq)
    assert.deepEqual(victim.table.get(honest.id)?.load?.models, [])
  }

  it(`accepts none of ${FORGERIES} records of another node, as they were or with a byte changed`, async () => {
    const [record] = heard
    assert.ok(record !== undefined)
    const forged = Array.from({ length: FORGERIES }, (_, i) => {
      const bytes = Uint8Array.from(record)
      const at = (i * 7) % bytes.length
      if (i > 0) bytes[at] = ((bytes[at] ?? 0) + 1 + (i % 255)) % 256
      return bytes
    })
    const refused = await offer(forged)
    assert.ok((refused['wrong-author'] ?? 0) > 0 && (refused['malformed'] ?? 0) > 0, JSON.stringify(refused))
    await stillTrue()
  })

  it(`accepts none of ${FORGERIES} records that a liar signed for times that are not now`, async () => {
    const otherKey = await generateKeyPair('Ed25519')
    await offer(
      (async function* () {
        for (let i = 0; i < FORGERIES; i += 1) {
          const at = Date.now() + (i % 2 === 0 ? 1 : -1) * (3_600_000 + i)
          yield await sealLoad({ ...nodeLoad(at * 1_000), at }, i % 3 === 0 ? otherKey : badKey, { network: 'test' })
        }
      })(),
    )
    await stillTrue()
  })
})
