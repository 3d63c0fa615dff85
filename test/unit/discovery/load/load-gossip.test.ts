import assert from 'node:assert/strict'
import { type Message, type TopicValidatorFn, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { silentLogger } from '../../../../core/logger.ts'
import type { ModelLoad, NodeLoad } from '../../../../core/model/load.ts'
import { ACTIVE_INTERVAL_MS } from '../../../../discovery/load/load-cadence.ts'
import { LoadGossip } from '../../../../discovery/load/load-gossip.ts'
import { LoadStatements } from '../../../../discovery/load/load-statements.ts'
import type { LoadVerdict } from '../../../../discovery/load/load-validator.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { modelLoad, nodeLoad } from '../../../support/routing.ts'

class FakePubsub {
  readonly topicValidators = new Map<string, TopicValidatorFn>()
  readonly topics = new Set<string>()
  readonly said: { readonly at: number; readonly load: NodeLoad }[] = []
  readonly #clock: ManualClock
  fails = false
  /** Nobody is known to listen. */
  deaf = false

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  subscribe(topic: string): void {
    this.topics.add(topic)
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic)
  }

  async publish(_topic: string, data: Uint8Array): Promise<{ recipients: readonly string[] }> {
    if (this.fails) throw new Error('no stream')
    if (this.deaf) return { recipients: [] }
    this.said.push({ at: this.#clock.monotonic(), load: JSON.parse(Buffer.from(data).toString()) })
    return { recipients: ['a peer'] }
  }
}

function setUp(rng = () => 0.5) {
  const clock = new ManualClock(0)
  const pubsub = new FakePubsub(clock)
  const state: { models: readonly ModelLoad[]; draining: boolean } = {
    models: [modelLoad({ slots: 8 })],
    draining: false,
  }
  const statements = new LoadStatements({ clock, models: () => state.models, draining: () => state.draining })
  const heard: { peer: string; load: NodeLoad; at: number }[] = []
  const floods: string[] = []
  const verdicts: (LoadVerdict | Promise<LoadVerdict>)[] = []
  const said: { readonly at: number; readonly load: NodeLoad }[] = []
  const swarm = { authors: 0, connected: 1, budget: true }
  const gossip = new LoadGossip(
    {
      pubsub,
      say: (record) => {
        said.push({ at: clock.monotonic(), load: JSON.parse(Buffer.from(record).toString()) })
        return swarm.connected
      },
      clock,
      log: silentLogger,
      ownLoad: () => statements.next(),
      background: () => swarm.budget,
      seal: async (load) => Buffer.from(JSON.stringify(load)),
      validator: {
        judge: () => verdicts.shift() ?? { kind: 'refuse', reason: 'malformed', cut: false },
        get authors() {
          return swarm.authors
        },
      },
      onLoad: (peer, load, at) => heard.push({ peer, load, at }),
      onFlood: (peer, reason) => floods.push(`${peer} ${reason}`),
    },
    { topic: 'load', rng },
  )
  return { clock, pubsub, said, swarm, state, gossip, heard, floods, verdicts }
}

/** Lets the promises of a publish settle; no timer is involved. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

async function advance(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50)
    await settled()
  }
}

describe('load gossip: speaking', () => {
  it('tells connected nodes each second while the load changes, and nothing when it does not', async () => {
    const { clock, said, state, gossip } = setUp()
    await gossip.start()
    for (let second = 0; second < 5; second++) {
      state.models = [modelLoad({ slots: 8, running: 2, estimatedWaitMs: second * 1_000 })]
      await advance(clock, 1_000)
    }
    assert.deepEqual(
      said.map(({ at }) => at),
      [1_000, 2_000, 3_000, 4_000, 5_000],
    )
    await advance(clock, 60_000)
    assert.equal(said.length, 5)
    assert.equal(gossip.counters.said, 5)
    await gossip.stop()
  })

  it('tells the swarm of itself seldom, and the more so the more nodes it has heard, once it is known', async () => {
    const { clock, pubsub, swarm, gossip } = setUp()
    await gossip.start()
    swarm.authors = 49
    await advance(clock, 2_300_000)
    const at = pubsub.said.map((statement) => statement.at)
    assert.deepEqual(at.slice(0, 4), [1_000, 3_000, 7_000, 15_000])
    const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0))
    assert.ok(pauses.every((pause, i) => i === 0 || pause >= (pauses[i - 1] ?? 0)))
    assert.equal(pauses.at(-1), 600_000)
    await gossip.stop()
  })

  it('tells the swarm nothing above its budget, and connected nodes what they must know', async () => {
    const { clock, pubsub, said, swarm, gossip } = setUp()
    swarm.budget = false
    await gossip.start()
    await advance(clock, 5_000)
    assert.deepEqual([pubsub.said.length, said.length], [0, 1])
    swarm.budget = true
    await advance(clock, 1_000)
    assert.equal(pubsub.said.length, 1)
    await gossip.stop()
  })

  it('does not count what nobody was told', async () => {
    const { swarm, gossip } = setUp()
    swarm.connected = 0
    await gossip.start()
    await gossip.publishNow()
    assert.equal(gossip.counters.said, 0)
    await gossip.stop()
  })

  it('spreads its ticks by a fifth to either side', async () => {
    for (const [random, first] of [
      [0, 800],
      [1, 1_200],
    ] as const) {
      const { clock, said, gossip } = setUp(() => random)
      await gossip.start()
      await advance(clock, 1_250)
      assert.equal(said[0]?.at, first)
      await gossip.stop()
    }
  })

  it('says a step at once, but not more than five times per second', async () => {
    const { clock, said, state, gossip } = setUp()
    await gossip.start()
    for (let i = 0; i < 1_000; i++) {
      state.models = [modelLoad({ slots: 8, running: [8, 0, 4][Math.floor(i / 10) % 3] ?? 0 })]
      gossip.noteChange()
      if (i % 10 === 9) {
        clock.advance(9)
        await settled()
      }
    }
    assert.ok(said.length >= 4 && said.length <= 6, `${said.length} in ${clock.monotonic()} ms`)
    await gossip.stop()
  })

  it('does not lose a step that comes right after a statement', async () => {
    const { clock, said, state, gossip } = setUp()
    await gossip.start()
    gossip.noteChange()
    await settled()
    state.models = [modelLoad({ slots: 8, running: 8 })]
    gossip.noteChange()
    await advance(clock, 200)
    assert.deepEqual(
      said.map(({ at, load }) => [at, load.models[0]?.running]),
      [
        [0, 0],
        [200, 8],
      ],
    )
    await gossip.stop()
  })

  it('leaves a small change to the next tick', async () => {
    const { clock, said, state, gossip } = setUp()
    await gossip.start()
    state.models = [modelLoad({ slots: 8, running: 3 })]
    gossip.noteChange()
    await settled()
    state.models = [modelLoad({ slots: 8, running: 4 })]
    gossip.noteChange()
    await advance(clock, 950)
    assert.equal(said.length, 1)
    await advance(clock, 50)
    assert.equal(said.length, 2)
    await gossip.stop()
  })

  it('says it again within a second when somebody came, once for all who did', async () => {
    const { clock, said, gossip } = setUp()
    await gossip.start()
    await advance(clock, 1_500)
    for (let i = 0; i < 50; i++) gossip.repeatSoon()
    await advance(clock, 3_500)
    assert.deepEqual(
      said.map(({ at }) => at),
      [1_000, 2_000],
    )
    await gossip.stop()
  })

  it('says at once that the node drains', async () => {
    const { said, state, gossip } = setUp()
    await gossip.start()
    state.draining = true
    await gossip.publishNow()
    assert.equal(said[0]?.load.draining, true)
    await gossip.stop()
  })

  it('numbers every statement higher, also after a restart', async () => {
    const { clock, said, gossip } = setUp()
    await gossip.start()
    await advance(clock, 30_000)
    await gossip.stop()
    const seqs = said.map(({ load }) => load.seq)
    assert.ok(seqs.every((seq, i) => i === 0 || seq > (seqs[i - 1] ?? seq)))
    clock.advance(1)
    const restarted = new LoadStatements({ clock, models: () => [], draining: () => false })
    assert.ok(restarted.next().seq > (seqs.at(-1) ?? 0))
  })

  it('numbers above its last run also after thousands of statements per second', () => {
    const clock = new ManualClock()
    const busy = new LoadStatements({ clock, models: () => [], draining: () => false })
    let last = 0
    for (let i = 0; i < 20_000; i++) {
      if (i % 100 === 0) clock.advance(1)
      last = busy.next().seq
    }
    clock.advance(1)
    const restarted = new LoadStatements({ clock, models: () => [], draining: () => false })
    assert.ok(restarted.next().seq > last)
    assert.ok(Number.isSafeInteger(last))
  })

  it('numbers above its last run also when the clock is set only after the start', () => {
    const lastRun = new LoadStatements({ clock: new ManualClock(), models: () => [], draining: () => false }).next()
    const clock = new ManualClock(0)
    const statements = new LoadStatements({ clock, models: () => [], draining: () => false })
    assert.ok(statements.next().seq < lastRun.seq)
    clock.advance(lastRun.at + 1)
    assert.ok(statements.next().seq > lastRun.seq)
  })

  it('speaks to the swarm with the next tick when nobody was there to hear', async () => {
    const { clock, pubsub, gossip } = setUp()
    await gossip.start()
    pubsub.deaf = true
    clock.advance(ACTIVE_INTERVAL_MS)
    await settled()
    assert.equal(gossip.counters.published, 0)
    pubsub.deaf = false
    clock.advance(ACTIVE_INTERVAL_MS)
    await settled()
    assert.deepEqual([pubsub.said.length, gossip.counters.published], [1, 1])
    await gossip.stop()
  })

  it('survives a publish that fails, counts it and goes on', async () => {
    const { clock, pubsub, gossip } = setUp()
    await gossip.start()
    pubsub.fails = true
    await advance(clock, 1_000)
    pubsub.fails = false
    await advance(clock, 2_000)
    assert.equal(gossip.counters.publishFailed, 1)
    assert.equal(gossip.counters.published, 1)
    await gossip.stop()
  })

  it('leaves no timer, subscription or validator behind', async () => {
    const { clock, pubsub, state, gossip } = setUp()
    await gossip.start()
    gossip.noteChange()
    state.models = []
    gossip.noteChange()
    assert.equal(pubsub.topics.size, 1)
    await gossip.stop()
    await gossip.stop()
    assert.deepEqual([clock.pending, pubsub.topics.size, pubsub.topicValidators.size], [0, 0, 0])
    gossip.noteChange()
    assert.equal(clock.pending, 0)
  })
})

describe('load gossip: listening', () => {
  let neighbour: PeerId
  let message: Message

  before(async () => {
    const key = await generateKeyPair('Ed25519')
    neighbour = peerIdFromPrivateKey(key)
    const signed = { sequenceNumber: 1n, signature: new Uint8Array(), key: key.publicKey, data: new Uint8Array() }
    message = { type: 'signed', from: neighbour, topic: 'load', ...signed }
  })

  it('hands on what the validator accepts, with the time of receipt', async () => {
    const { clock, pubsub, gossip, heard, verdicts } = setUp()
    await gossip.start()
    clock.advance(77)
    const load = nodeLoad(3)
    verdicts.push(Promise.resolve({ kind: 'accept', statement: { node: 'a', load } }))
    const answer = pubsub.topicValidators.get('load')?.(neighbour, message)
    clock.advance(5)
    assert.equal(await answer, TopicValidatorResult.Accept)
    assert.deepEqual(heard, [{ peer: 'a', load, at: 77 }])
    await gossip.stop()
  })

  it('hears connected nodes directly by the same rules', async () => {
    const { clock, gossip, heard, floods, verdicts } = setUp()
    await gossip.start()
    clock.advance(5)
    const load = nodeLoad(3)
    verdicts.push(Promise.resolve({ kind: 'accept', statement: { node: neighbour.toString(), load } }))
    gossip.hear(neighbour, new Uint8Array())
    await settled()
    assert.deepEqual(heard, [{ peer: neighbour.toString(), load, at: 5 }])
    verdicts.push({ kind: 'refuse', reason: 'over-rate', cut: true })
    gossip.hear(neighbour, new Uint8Array())
    assert.deepEqual(floods, [`${neighbour.toString()} over-rate`])
    await gossip.stop()
  })

  it('tells gossipsub which refusals are faults, and counts them all', async () => {
    const { pubsub, gossip, verdicts, heard } = setUp()
    await gossip.start()
    const validate = pubsub.topicValidators.get('load')
    verdicts.push(
      { kind: 'refuse', reason: 'not-newer', cut: false },
      { kind: 'refuse', reason: 'bad-signature', cut: false },
    )
    assert.equal(validate?.(neighbour, message), TopicValidatorResult.Ignore)
    assert.equal(validate?.(neighbour, message), TopicValidatorResult.Reject)
    assert.equal(
      validate?.(neighbour, { type: 'unsigned', topic: 'load', data: message.data }),
      TopicValidatorResult.Reject,
    )
    assert.deepEqual([gossip.counters.refused['not-newer'], gossip.counters.refused['bad-signature']], [1, 1])
    assert.deepEqual(heard, [])
    await gossip.stop()
  })

  it('cuts a flooding neighbour before it returns', async () => {
    const { pubsub, gossip, verdicts, floods } = setUp()
    await gossip.start()
    verdicts.push({ kind: 'refuse', reason: 'over-rate', cut: true })
    void pubsub.topicValidators.get('load')?.(neighbour, message)
    assert.deepEqual(floods, [`${neighbour.toString()} over-rate`])
    await gossip.stop()
  })
})
