import assert from 'node:assert/strict'
import type { Query } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import type { SearchOutcome } from '../../../../discovery/dht/model-search.ts'
import { FederationRouter } from '../../../../node/route/federation-router.ts'
import { MAX_TRIES } from '../../../../node/route/round.ts'
import { RouteJournal, type RouteOptions } from '../../../../node/route/route-journal.ts'
import { MAX_ASKING, WaitingRoom } from '../../../../node/route/waiting-room.ts'
import { HedgeBudget } from '../../../../routing/choice/hedge-budget.ts'
import { LOCAL } from '../../../../routing/choice/rank-peers.ts'
import { blameOf } from '../../../../routing/learning/blame.ts'
import type { SendOutcome } from '../../../../routing/learning/evidence.ts'
import type { Sent } from '../../../../routing/offers/routing-view.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { keptQueryLog } from '../../../support/query-log.ts'
import { noProofs } from '../../../support/served-part.ts'
import { turn, until } from '../../../support/until.ts'

type Fate = 'answers' | 'cut' | ErrorCode

/** A search that the test answers: `found` brings a hidden node to light, and tells whether that was enough. */
interface FakeSearch {
  readonly model: string
  readonly found: (node: string) => boolean
  readonly end: (outcome: SearchOutcome) => void
}

interface SwarmOptions {
  readonly query?: Query
  /** Nodes that say nothing of their first answer before this has happened. */
  readonly until?: Readonly<Record<string, Promise<void>>>
  /** Nodes that nobody knows before a search has found them. */
  readonly hidden?: readonly string[]
  /** Whose a node is, `own` for those of this federation. Each its own by default. */
  readonly owners?: Readonly<Record<string, string>>
}

/** A swarm of scripted places, asked in the order given; each may have several fates, one per call. */
function swarm(
  fates: Readonly<Record<string, Fate | readonly Fate[]>>,
  { query = chatQuery(), until = {}, hidden = [], owners = {} }: SwarmOptions = {},
) {
  const clock = new ManualClock()
  const hedges = new HedgeBudget()
  const asked: Query[] = []
  const outcomes: [string, SendOutcome][] = []
  const contradicted: string[] = []
  const sent = new Map<Sent, string>()
  const calls = new Map<string, number>()
  const searches: FakeSearch[] = []
  const unknown = new Set(hidden)
  const play = (node: string) =>
    async function* (at: Query): AsyncGenerator<QueryEvent> {
      asked.push(at)
      const call = calls.get(node) ?? 0
      calls.set(node, call + 1)
      const script = fates[node] ?? 'NO_WORKER'
      const fate = typeof script === 'string' ? script : (script[Math.min(call, script.length - 1)] ?? 'NO_WORKER')
      yield { kind: 'start', node, worker: `w-${node}`, engine: 'fake', model: 'tiny' }
      if (call === 0) await until[node]
      if (fate === 'cut') yield { kind: 'text', text: 'par' }
      if (fate === 'cut') throw new RealmeshError('PEER_LOST', 'gone')
      if (fate !== 'answers') throw new RealmeshError(fate, 'scripted', { retryAfterMs: 200 })
      yield { kind: 'text', text: `from ${node}` }
      yield { kind: 'end', finishReason: 'stop' }
    }
  const room = new WaitingRoom({ clock, random: () => 1 })
  const { log, lines } = keptQueryLog()
  const router = new FederationRouter(
    {
      clock,
      log,
      hedges,
      waitingRoom: room,
      pseudonym: (user) => `anon-${user}`,
      proofs: noProofs,
      local: play(LOCAL),
      remote: (peer) => play(peer),
      searchModel: (model, { signal, until }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          const found = (node: string): boolean => {
            unknown.delete(node)
            return until()
          }
          searches.push({ model, found, end: resolve })
        }),
      places: {
        best: (_query, options, refused) => {
          const node = Object.keys(fates).find(
            (name) => !options.avoidNodes.has(name) && !refused.has(name) && !unknown.has(name),
          )
          if (node === undefined) return undefined
          const owner = owners[node] ?? node
          const foreign = owner !== 'own'
          return { node, model: 'tiny', cost: 1, hit: 'drawn', sure: true, realm: '$CHAT', foreign, owner }
        },
        isUnknown: () => hidden.length > 0,
        whyNone: (_query, searchedMs) =>
          new RealmeshError('NO_WORKER', `nobody${searchedMs === undefined ? '' : `, searched ${searchedMs}`}`),
        noteSent: (place) => {
          const ticket = {} as Sent
          sent.set(ticket, place.node)
          return ticket
        },
        noteFirstEvent: () => {},
        noteOutcome: (ticket, outcome) => outcomes.push([sent.get(ticket) ?? '?', outcome]),
        noteContradicted: ({ node }) => contradicted.push(node),
        noteAffinity: () => {},
      },
    },
    { node: 'me' },
  )
  const journal = new RouteJournal(query, clock)
  const abort = new AbortController()
  const options: RouteOptions = {
    signal: abort.signal,
    asker: 'own',
    journal,
    avoidNodes: new Set<string>(),
    avoidWorkers: new Set<string>(),
  }
  return {
    events: router.route(query, options),
    router,
    room,
    hedges,
    asked,
    outcomes,
    contradicted,
    journal,
    abort,
    clock,
    options,
    lines,
    searches,
  }
}

describe('FederationRouter', () => {
  it('asks the best place, and tells its evidence how it went', async () => {
    const { events, outcomes } = swarm({ a: 'answers', b: 'answers' })
    assert.equal(textOf(await collect(events)), 'from a')
    assert.deepEqual(outcomes, [['a', { ok: true }]])
  })

  it('hands on one hop less, without the user, to a peer', async () => {
    const { events, asked } = swarm({ a: 'answers' })
    await collect(events)
    assert.deepEqual([asked[0]?.hopsLeft, asked[0]?.user, asked[0]?.origin], [0, 'anon-alice', undefined])
  })

  for (const fate of [
    'PEER_LOST',
    'PEER_UNREACHABLE',
    'ENGINE_FAILED',
    'TIMEOUT',
    'SHARE_REFUSED',
    'DRAINING',
    'MODEL_NOT_FOUND',
    'BAD_REQUEST',
    'PROMPT_TOO_LARGE',
    'CONTEXT_TOO_LONG',
    'CAPABILITY_MISSING',
  ] as const) {
    it(`goes on unseen to the next place after ${fate}`, async () => {
      const { events, journal, outcomes } = swarm({ a: fate, b: 'answers' })
      assert.equal(textOf(await collect(events)), 'from b')
      assert.deepEqual(
        journal.receipt('served').attempts.map(({ node, outcome }) => [node, outcome]),
        [
          ['a', fate],
          ['b', 'served'],
        ],
      )
      assert.equal(outcomes.length, 2)
    })
  }

  it('holds it against a place that it refused as wrong what another one served', async () => {
    const { events, contradicted } = swarm({ a: 'BAD_REQUEST', b: 'PEER_LOST', c: 'answers' })
    assert.equal(textOf(await collect(events)), 'from c')
    assert.deepEqual(contradicted, ['a'])
  })

  it('goes on to another place where the limit is the node’s own, and holds it against none', async () => {
    const { events, asked, outcomes, contradicted } = swarm({ a: 'NODE_LIMIT', b: 'NODE_LIMIT', c: 'answers' })
    assert.equal(textOf(await collect(events)), 'from c')
    assert.deepEqual([asked.length, contradicted], [3, []])
    const limits = outcomes.filter(([node]) => node !== 'c').map(([, outcome]) => blameOf(outcome))
    assert.deepEqual(limits, ['none', 'none'])
  })

  it('tells the limit when no place takes the query', async () => {
    const { events } = swarm({ a: 'NODE_LIMIT', b: 'NODE_LIMIT' })
    await assert.rejects(collect(events), { code: 'NODE_LIMIT' })
  })

  it('tries no third place for what two owners call wrong, and holds it against neither', async () => {
    const { events, asked, contradicted } = swarm({ a: 'BAD_REQUEST', b: 'BAD_REQUEST', c: 'answers' })
    await assert.rejects(collect(events), { code: 'BAD_REQUEST' })
    assert.deepEqual([asked.length, contradicted], [2, []])
  })

  it('takes two nodes of one owner for one voice', async () => {
    const owners = { a: 'acme', b: 'acme' }
    const { events, contradicted } = swarm({ a: 'BAD_REQUEST', b: 'BAD_REQUEST', c: 'answers' }, { owners })
    assert.equal(textOf(await collect(events)), 'from c')
    assert.deepEqual(contradicted, ['a', 'b'])
  })

  it('tells the refusal of the only place as it is', async () => {
    const { events, outcomes } = swarm({ a: 'BAD_REQUEST' })
    await assert.rejects(collect(events), { code: 'BAD_REQUEST', message: 'scripted' })
    assert.deepEqual(outcomes, [['a', { ok: false, code: 'BAD_REQUEST', retryAfterMs: 200 }]])
  })

  it('never asks more than three places in one round', async () => {
    const { events, asked } = swarm({ a: 'PEER_LOST', b: 'PEER_LOST', c: 'PEER_LOST', d: 'answers' })
    await assert.rejects(collect(events), { code: 'PEER_LOST' })
    assert.equal(asked.length, MAX_TRIES)
  })

  it('throws what breaks after the first content, and keeps that place from the rest of the answer', async () => {
    const { events, options } = swarm({ a: 'cut', b: 'answers' })
    await assert.rejects(collect(events), { code: 'PEER_LOST' })
    assert.deepEqual([...options.avoidNodes], ['a'])
  })

  it('waits and tries again while all are full, and then answers', async () => {
    const { events, clock, journal } = swarm({ a: ['REALM_OVERLOADED', 'answers'] })
    const all = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(1_000)
    assert.equal(textOf(await all), 'from a')
    assert.equal(journal.receipt('served').attempts.length, 2)
  })

  it('waits for a place that is full although another one failed after it', async () => {
    const { events, clock, journal } = swarm({ a: ['REALM_OVERLOADED', 'answers'], b: 'PEER_UNREACHABLE' })
    const answer = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(1_000)
    assert.equal(textOf(await answer), 'from a')
    const { attempts } = journal.receipt('served')
    assert.deepEqual(
      attempts.map(({ node, outcome }) => [node, outcome]),
      [
        ['a', 'REALM_OVERLOADED'],
        ['b', 'PEER_UNREACHABLE'],
        ['a', 'served'],
      ],
    )
  })

  it('gives up with the refusal when all stay full', async () => {
    const { events, clock, router } = swarm({ a: 'REALM_OVERLOADED' })
    const all = collect(events).catch((error: unknown) => error)
    let over = false
    void all.then(() => {
      over = true
    })
    await until(
      'the end',
      () => over,
      () => clock.advance(1_000),
    )
    const error = await all
    assert.ok(error instanceof RealmeshError && error.code === 'REALM_OVERLOADED' && error.retryAfterMs !== undefined)
    assert.equal(router.counters.failed_routes, 1)
    assert.equal(clock.pending, 0)
  })

  it('leaves the line as soon as its answer begins, not when it ends', async () => {
    const { events, clock, room } = swarm({ a: ['REALM_OVERLOADED', 'answers'] })
    const seen: (readonly [QueryEvent['kind'], number])[] = []
    const reading = (async () => {
      for await (const { kind } of events) seen.push([kind, room.waiting])
    })()
    await until(
      'the end',
      () => seen.some(([kind]) => kind === 'end'),
      () => clock.advance(100),
    )
    await reading
    assert.deepEqual(seen, [
      ['start', 0],
      ['start', 1],
      ['text', 0],
      ['end', 0],
    ])
  })

  it('gives up after its longest wait although others before it in the line hold on', async () => {
    const { events, clock, room } = swarm({ a: 'REALM_OVERLOADED' })
    const full = new RealmeshError('REALM_OVERLOADED', 'full')
    for (let i = 0; i < MAX_ASKING; i += 1) room.enter(full)
    const all = collect(events).catch((error: unknown) => error)
    await turn()
    clock.advance(30_000)
    const error = await all
    assert.ok(error instanceof RealmeshError && error.code === 'REALM_OVERLOADED')
    assert.equal(clock.pending, 0)
    assert.equal(room.waiting, MAX_ASKING)
  })

  it('pays for a hedge once per query, however often and in how many rounds it is refused', async () => {
    const { events, clock, hedges, asked } = swarm({
      a: ['REALM_OVERLOADED', 'REALM_OVERLOADED', 'answers'],
      b: 'REALM_OVERLOADED',
    })
    const all = collect(events)
    let over = false
    void all.then(() => {
      over = true
    })
    await until(
      'the end',
      () => over,
      () => clock.advance(1_000),
    )
    assert.equal(asked.length, 5)
    assert.deepEqual(hedges.counts, { made: 0, saved: 0.02 })
  })

  it('avoids the broken one of two that raced, and asks the full one again', async () => {
    const [full, broken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { events, clock, hedges, asked, options, room, lines } = swarm(
      { a: ['REALM_OVERLOADED', 'answers'], b: 'ENGINE_FAILED' },
      { until: { a: full.promise, b: broken.promise } },
    )
    for (let i = 0; i < 50; i += 1) hedges.noteQuery()
    for (let i = 0; i < 20; i += 1) hedges.noteFirstEvent('tiny', 100)
    const answer = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(hedges.hedgeAfterMs('tiny', 'chat') ?? 0)
    await until('both are asked', () => asked.length === 2)
    full.resolve()
    await turn()
    broken.resolve()
    await Promise.race([answer, until('one waits for room', () => room.waiting === 1)])
    clock.advance(1_000)
    assert.equal(textOf(await answer), 'from a')
    assert.equal(asked.length, 3)
    assert.deepEqual([...options.avoidNodes], ['b'])
    assert.deepEqual(
      lines.map(([message, { query, node, second, code }]) => [message, query, node, second, code]),
      [
        ['slow to begin: a second is asked', 'q-1', 'a', 'b', undefined],
        ['scripted', 'q-1', 'a', undefined, 'REALM_OVERLOADED'],
        ['scripted', 'q-1', 'b', undefined, 'ENGINE_FAILED'],
        ['waits for a place', 'q-1', undefined, undefined, 'REALM_OVERLOADED'],
      ],
    )
  })

  it('pays nothing for a query that stays here', async () => {
    const { events, hedges } = swarm({ [LOCAL]: 'answers' })
    await collect(events)
    assert.deepEqual(hedges.counts, { made: 0, saved: 0 })
  })

  it('keeps a failed own worker from being asked again for this query', async () => {
    const { events, options } = swarm({ [LOCAL]: 'ENGINE_FAILED', b: 'answers' })
    assert.equal(textOf(await collect(events)), 'from b')
    assert.deepEqual([...options.avoidWorkers], [`w-${LOCAL}`])
  })

  it('blames nobody when the client leaves', async () => {
    const { events, outcomes, journal } = swarm({ a: 'answers' })
    for await (const event of events) if (event.kind === 'text') break
    assert.deepEqual(outcomes, [['a', { ok: false, code: 'CANCELLED' }]])
    assert.equal(journal.receipt('cancelled').attempts[0]?.outcome, 'cancelled')
  })

  it('says why when there is no place at all', async () => {
    const { events, lines } = swarm({})
    await assert.rejects(collect(events), { code: 'NO_WORKER' })
    assert.deepEqual(lines, [['given up: nobody', { query: 'q-1', code: 'NO_WORKER' }]])
  })

  describe('for a model that nobody known serves', () => {
    const hidden = ['rig']

    it('looks for it in the network, and asks the node that it finds', async () => {
      const { events, journal, searches, clock, lines } = swarm({ rig: 'answers' }, { hidden })
      const answer = collect(events)
      await until('a search', () => searches.length === 1)
      assert.equal(searches[0]?.model, 'tiny')
      assert.equal(searches[0]?.found('another'), false)
      clock.advance(2_000)
      assert.equal(searches[0]?.found('rig'), true)
      searches[0]?.end('found')
      assert.equal(textOf(await answer), 'from rig')
      const { searchedMs, overheadUs } = journal.receipt('served')
      assert.deepEqual([searchedMs, overheadUs], [2_000, 0])
      const [line] = lines
      assert.deepEqual(line?.[1], { query: 'q-1', model: 'tiny', outcome: 'found', tookMs: 2_000 })
    })

    it('says for how long it looked when it found none, or that it looked a moment ago', async () => {
      for (const [outcome, message, searchedMs] of [
        ['nothing', /searched 700/, 700],
        ['lately', /searched 0/, undefined],
        ['none', /^nobody$/, undefined],
      ] as const) {
        const { events, journal, searches, clock } = swarm({}, { hidden })
        const answer = assert.rejects(collect(events), { message })
        await until('a search', () => searches.length === 1)
        clock.advance(700)
        searches[0]?.end(outcome)
        await answer
        assert.equal(journal.receipt('NO_WORKER').searchedMs, searchedMs)
      }
    })

    it('stops looking when the client leaves', async () => {
      const { events, abort, searches } = swarm({}, { hidden })
      const answer = assert.rejects(collect(events), { code: 'CANCELLED' })
      await until('a search', () => searches.length === 1)
      abort.abort()
      await answer
    })

    it('does not look for it when a known node failed or refused the query', async () => {
      const { events, searches } = swarm({ a: 'ENGINE_FAILED' }, { hidden })
      await assert.rejects(collect(events), { code: 'ENGINE_FAILED' })
      assert.equal(searches.length, 0)
    })
  })
})
