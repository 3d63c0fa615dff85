import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defined } from '../../../../core/defined.ts'
import type { ChatBody, Query } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { relayedRun } from '../../../../core/run/relayed-run.ts'
import type { RunQuery } from '../../../../core/run/run-query.ts'
import { type Asker, type Relation, SCOPES, type Scope, scopeReaches } from '../../../../core/scope.ts'
import { ed25519PublicKey, ed25519Signer } from '../../../../node/receipt/ed25519-signer.ts'
import { MAX_SIGNED_TOGETHER, verifyServedPart } from '../../../../node/receipt/part-signature.ts'
import { addServedPart } from '../../../../node/receipt/served-part.ts'
import {
  BYTES_PER_QUERY,
  MAX_COUNTED_PEERS,
  PEER_QUERY_RULE,
  PEER_RETRY_MS,
  PeerAllowance,
  REFUSED_RULE,
  UNREAD_RULE,
} from '../../../../node/serve/peer-allowance.ts'
import { servePeer } from '../../../../node/serve/serve-peer.ts'
import { TurnSigner } from '../../../../node/serve/turn-signer.ts'
import { DEFAULT_LANES_PER_PEER } from '../../../../protocols/query/constants.ts'
import type { AdmitQuery } from '../../../../protocols/query/serving/admitted.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { answersHello } from '../../../support/fake-realm-workers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { keptQueryLog, silentQueryLog } from '../../../support/query-log.ts'
import { servedPart } from '../../../support/served-part.ts'

const signal = new AbortController().signal
const key = await generateKeyPair('Ed25519')
const signer = ed25519Signer(key)
const publicKey = ed25519PublicKey(key.publicKey.raw)

const PART = servedPart()

const LIMITS = { promptBytes: 1_000, tokensOut: 100, totalMs: 60_000 }

/** The answer to a query, once it is let in. */
async function asked(admit: AdmitQuery, origin: string, bodyBytes = 100): Promise<AsyncIterable<QueryEvent>> {
  const query = chatQuery({ origin, hopsLeft: 1 })
  const { run } = await admit({ ...query, origin, bodyBytes })
  return run(query, { signal })
}

/** A door that is asked again and again, by the peers that are named. */
function busyDoor(relation: Relation | undefined, share: Scope = 'public') {
  const clock = new ManualClock()
  let ran = 0
  const admit = servePeer({
    relationOf: async () => relation,
    share: () => share,
    signer,
    clock,
    limits: () => LIMITS,
    log: silentQueryLog,
    runHere: async function* () {
      ran += 1
      yield { kind: 'end', finishReason: 'stop' }
    },
  })
  const ask = async (origin: string, bodyBytes = 100): Promise<QueryEvent[]> =>
    collect(await asked(admit, origin, bodyBytes))
  return {
    ask,
    askTimes: async (origin: string, times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1) await ask(origin)
    },
    advance: (ms: number): void => {
      clock.advance(ms)
    },
    ran: (): number => ran,
  }
}

function door(relation: Relation | undefined, share: Scope) {
  const ran: { asker: Asker; hopsLeft: number }[] = []
  const { log, lines } = keptQueryLog()
  const admit = servePeer({
    relationOf: async () => relation,
    share: () => share,
    signer,
    clock: new ManualClock(),
    limits: () => LIMITS,
    log,
    runHere: (query, options) => {
      ran.push({ asker: options.asker, hopsLeft: query.hopsLeft })
      return withServedPart(answersHello)(query, options)
    },
  })
  return { events: asked(admit, 'peer'), ran, lines }
}

/** A run on own workers whose end carries what the node says of it. */
function withServedPart(run: RunQuery): RunQuery {
  return (query, options) =>
    relayedRun({ begin: () => run(query, options), onEvent: addServedPart(() => 0), onClosed: () => {} })
}

describe('servePeer', () => {
  it('has a peer whose card did not come ask again, unless it serves everyone', async () => {
    const closed = door(undefined, 'home')
    await assert.rejects(closed.events, { code: 'REALM_OVERLOADED', retryAfterMs: 1_000 })
    assert.equal(closed.ran.length, 0)
    const open = door(undefined, 'public')
    await collect(await open.events)
    assert.deepEqual(open.ran, [{ asker: 'stranger', hopsLeft: 0 }])
  })

  it('puts a peer off that shows no card as often as an own rig would ask; more breaks the protocol', async () => {
    const { ask, advance, ran } = busyDoor(undefined, 'home')
    const codes = async (times: number): Promise<ReadonlySet<unknown>> => {
      const seen = new Set<unknown>()
      for (let i = 0; i < times; i += 1) await ask('peer').catch((error: RealmeshError) => seen.add(error.code))
      return seen
    }
    for (let second = 0; second < 60; second += 1) {
      assert.deepEqual(await codes(DEFAULT_LANES_PER_PEER), new Set(['REALM_OVERLOADED']))
      advance(PEER_RETRY_MS)
    }
    await codes(UNREAD_RULE.burst)
    assert.deepEqual(await codes(1), new Set(['PROTOCOL_ERROR']))
    assert.equal(ran(), 0)
  })

  for (const share of SCOPES) {
    for (const relation of ['home', 'friend', 'stranger'] as const) {
      const served = scopeReaches(share, relation)
      it(`${served ? 'serves' : 'refuses'} a ${relation} node while the share is ${share}`, async () => {
        const { events, ran, lines } = door(relation, share)
        if (served) assert.equal(textOf(await collect(await events)), 'hello')
        else await assert.rejects(events, { code: 'SHARE_REFUSED' })
        assert.deepEqual(
          lines.map(([, { query, peer, code }]) => [query, peer, code]),
          served ? [] : [['q-1', 'peer', 'SHARE_REFUSED']],
        )
        assert.equal(ran.length, served ? 1 : 0)
      })
    }
  }

  it('never lets a query of a peer go on to a third node', async () => {
    const { events, ran } = door('home', 'home')
    await collect(await events)
    assert.deepEqual(ran, [{ asker: 'home', hopsLeft: 0 }])
  })

  it('signs what it served', async () => {
    const { events } = door('home', 'home')
    const end = (await collect(await events)).at(-1)
    assert.ok(end?.kind === 'end' && end.served !== undefined)
    assert.equal(verifyServedPart('q-1', end.served, publicKey), 'yes')
  })
})

describe('the limits of a peer’s query', () => {
  /** A door with limits for friends, and tighter ones for strangers; `run` answers. */
  function bounded(asker: Relation, run: RunQuery = answersHello) {
    const clock = new ManualClock()
    const ran: Query[] = []
    const admit = servePeer({
      relationOf: async () => asker,
      share: () => 'public',
      signer,
      clock,
      limits: ({ realm }, relation) => {
        if (realm !== '$CHAT') return undefined
        return relation === 'stranger' ? { ...LIMITS, promptBytes: 10, tokensOut: 5 } : LIMITS
      },
      log: silentQueryLog,
      runHere: (query, options) => {
        ran.push(query)
        return run(query, options)
      },
    })
    const ask = async (fields: Parameters<typeof chatQuery>[0]): Promise<AsyncIterable<QueryEvent>> => {
      const query = chatQuery({ origin: 'peer', ...fields })
      const admitted = await admit({ ...query, origin: 'peer', bodyBytes: 100 })
      return admitted.run(query, { signal })
    }
    return { clock, ran, ask }
  }
  const said = (content: string, more: Partial<ChatBody> = {}): { body: ChatBody } => ({
    body: { messages: [{ role: 'user', content }], ...more },
  })

  it('are those of its realm, tighter for strangers, and refuse before anything runs', async () => {
    const friend = bounded('friend')
    await collect(await friend.ask(said('x'.repeat(1_000))))
    await assert.rejects(collect(await friend.ask(said('x'.repeat(1_001)))), { code: 'NODE_LIMIT', retryable: true })
    const stranger = bounded('stranger')
    await collect(await stranger.ask(said('x'.repeat(10))))
    await assert.rejects(collect(await stranger.ask(said('x'.repeat(11)))), { code: 'NODE_LIMIT' })
    await assert.rejects(collect(await stranger.ask(said('x', { prefill: 'x'.repeat(11) }))), { code: 'NODE_LIMIT' })
    assert.deepEqual([friend.ran.length, stranger.ran.length], [1, 1])
  })

  it('leave the trace of a query to its engine, but no stranger’s', async () => {
    const trace = { parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    for (const relation of ['home', 'friend', 'stranger'] as const) {
      const { ask, ran } = bounded(relation)
      await collect(await ask({ ...said('x'), trace }))
      assert.deepEqual(ran[0]?.trace, relation === 'stranger' ? undefined : trace)
    }
  })

  it('count all that an engine would read, tools and calls too', async () => {
    const { ask, ran } = bounded('stranger')
    const call = { id: 'c', name: 'f', arguments: 'x'.repeat(11) }
    const hidden: readonly Partial<ChatBody>[] = [
      { tools: [{ name: 'f', description: 'x'.repeat(11), parameters: {} }] },
      { responseFormat: { type: 'json_schema', name: 'x', schema: { description: 'x' } } },
      { messages: [{ role: 'assistant', content: '', reasoning: 'x'.repeat(11) }] },
      { messages: [{ role: 'assistant', content: '', toolCalls: [call] }] },
    ]
    for (const more of hidden) await assert.rejects(collect(await ask(said('', more))), { code: 'NODE_LIMIT' })
    assert.equal(ran.length, 0)
  })

  it('hold an answer to the length that an own one has', async () => {
    const wanted: readonly (number | undefined)[] = [undefined, 3, 1_000_000]
    for (const [asker, given] of [
      ['home', [100, 3, 100]],
      ['stranger', [5, 3, 5]],
    ] as const) {
      const { ask, ran } = bounded(asker)
      for (const maxTokens of wanted) await collect(await ask(said('x', { sampling: defined({ maxTokens }) })))
      assert.deepEqual(
        ran.map((query) => query.type === 'chat' && query.body.sampling?.maxTokens),
        given,
      )
    }
  })

  it('end a run that goes on and on, which is told as this node’s limit', async () => {
    let aborted = false
    const { ask, clock } = bounded('home', async function* (_, { signal }): AsyncGenerator<QueryEvent> {
      yield { kind: 'text', text: 'x' }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      aborted = true
      throw new RealmeshError('CANCELLED', 'the engine was stopped')
    })
    const events = (await ask(said('x')))[Symbol.asyncIterator]()
    await events.next()
    const next = events.next()
    clock.advance(LIMITS.totalMs)
    await assert.rejects(next, { code: 'NODE_LIMIT', retryable: true, message: /for 60 s at most/ })
    assert.deepEqual([aborted, clock.pending], [true, 0])
  })

  it('are asked by the first frame: a realm that is not here refuses at once', async () => {
    const { ask } = bounded('home')
    await assert.rejects(ask({ realm: '$NONE' }), { code: 'REALM_NOT_FOUND' })
  })
})

describe('the allowance of a peer', () => {
  const { perSecond, burst } = PEER_QUERY_RULE

  for (const relation of ['friend', 'stranger'] as const) {
    it(`lets a ${relation} ask what an honest node asks, and refuses what is beyond before anything runs`, async () => {
      const { ask, askTimes, ran } = busyDoor(relation)
      await askTimes('peer', burst)
      await assert.rejects(ask('peer'), { code: 'REALM_OVERLOADED', retryable: true, retryAfterMs: PEER_RETRY_MS })
      assert.equal(ran(), burst)
    })
  }

  it('is there again when the peer comes back as it was told', async () => {
    const { ask, askTimes, advance } = busyDoor('stranger')
    await askTimes('peer', burst)
    await assert.rejects(ask('peer'))
    advance(PEER_RETRY_MS)
    await askTimes('peer', (perSecond * PEER_RETRY_MS) / 1_000)
    await assert.rejects(ask('peer'), { code: 'REALM_OVERLOADED' })
  })

  it('is each peer’s own', async () => {
    const { ask, askTimes } = busyDoor('stranger')
    await askTimes('greedy', burst)
    await assert.rejects(ask('greedy'))
    await ask('modest')
  })

  it('counts a long body as many queries', async () => {
    const { ask } = busyDoor('stranger')
    await ask('peer', (burst / 2) * BYTES_PER_QUERY)
    await assert.rejects(ask('peer', (burst / 2) * BYTES_PER_QUERY), { code: 'REALM_OVERLOADED' })
    await ask('peer')
  })

  it('hides no refusal for the share: to wait would not help, and to ask on breaks the protocol', async () => {
    const { ask } = busyDoor('stranger', 'home')
    for (let i = 0; i < REFUSED_RULE.burst; i += 1) await assert.rejects(ask('peer'), { code: 'SHARE_REFUSED' })
    await assert.rejects(ask('peer'), { code: 'PROTOCOL_ERROR' })
    await assert.rejects(ask('another'), { code: 'SHARE_REFUSED' })
  })

  it('does not bind nodes of the own federation', async () => {
    const { askTimes, ran } = busyDoor('home')
    await askTimes('own rig', burst * 3)
    assert.equal(ran(), burst * 3)
  })

  it('is counted for a bounded number of peers', () => {
    const allowance = new PeerAllowance()
    for (let i = 0; i < burst; i += 1) allowance.take('peer', 0, 0)
    for (let i = 0; i < MAX_COUNTED_PEERS; i += 1) allowance.take(`other ${i}`, 0, 0)
    assert.ok(allowance.take('peer', 0, 0))
  })
})

describe('served parts', () => {
  it('are signed together when they end in the same turn, and each verifies by itself', async () => {
    const signed: Uint8Array[] = []
    const turns = new TurnSigner({
      sign: (bytes) => {
        signed.push(bytes)
        return signer.sign(bytes)
      },
    })
    const ids = Array.from({ length: MAX_SIGNED_TOGETHER + 1 }, (_, at) => `q-${at}`)
    const parts = await Promise.all(ids.map((id, at) => turns.signed(id, { ...PART, completionTokens: at })))
    assert.equal(signed.length, 2)
    for (const [at, part] of parts.entries()) {
      assert.equal(verifyServedPart(`q-${at}`, part, publicKey), 'yes')
      assert.equal(verifyServedPart(`q-${at + 1}`, part, publicKey), 'wrong')
    }
    await turns.signed('q-next', PART)
    assert.equal(signed.length, 3)
  })

  it('fail their queries when they cannot be signed', async () => {
    const turns = new TurnSigner({ sign: () => assert.fail('no key') })
    await assert.rejects(turns.signed('q-1', PART), /no key/)
  })

  it('hash the very text that was sent', async () => {
    const hashOf = async (...pieces: string[]): Promise<string> => {
      const run = withServedPart(async function* (): AsyncGenerator<QueryEvent> {
        yield { kind: 'start', node: 'me', worker: 'w', engine: 'fake', model: 'tiny' }
        for (const text of pieces) yield { kind: 'text', text }
        yield { kind: 'end', finishReason: 'stop' }
      })
      const end = (await collect(run(chatQuery(), { signal }))).at(-1)
      return end?.kind === 'end' ? (end.served?.answerHash ?? '') : ''
    }
    assert.equal(await hashOf('a', 'b'), await hashOf('ab'))
    assert.notEqual(await hashOf('ab'), await hashOf('ac'))
    const long = 'é'.repeat(50_000)
    assert.equal(await hashOf('a', long, long, 'z'), createHash('sha256').update(`a${long}${long}z`).digest('hex'))
  })
})
