import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { relayedRun } from '../../../../core/run/relayed-run.ts'
import type { Engine } from '../../../../engines/adapter/engine.ts'
import { QueryRun } from '../../../../node/query/query-run.ts'
import { RealmRegistry } from '../../../../node/realm/realm-registry.ts'
import { FederationRouter } from '../../../../node/route/federation-router.ts'
import { WaitingRoom } from '../../../../node/route/waiting-room.ts'
import { RunningQueries } from '../../../../node/users/running-queries.ts'
import { HedgeBudget } from '../../../../routing/choice/hedge-budget.ts'
import { LOCAL } from '../../../../routing/choice/rank-peers.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { collect } from '../../../support/collect.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { silentQueryLog } from '../../../support/query-log.ts'
import { noProofs } from '../../../support/served-part.ts'

/** The most iterators from the gateway's loop to the engine for a query that stays here, the engine's own included. */
const MOST_ITERATORS = 5

/** An engine that tells, at each pull of a token, how many iterators have been pulled for it. */
class CountingEngine extends FakeEngine {
  readonly pulled: number[] = []

  override run(): AsyncIterable<QueryEvent> {
    const events: QueryEvent[] = [
      ...Array.from({ length: 3 }, (_, i): QueryEvent => ({ kind: 'text', text: `token ${i}` })),
      { kind: 'end', finishReason: 'stop' },
    ]
    const next = async (): Promise<IteratorResult<QueryEvent>> => {
      const before = Error.stackTraceLimit
      Error.stackTraceLimit = 100
      const frames = new Error('pulled').stack?.split('\n') ?? []
      Error.stackTraceLimit = before
      this.pulled.push(frames.filter((frame) => /at (async )?\S*next /.test(frame)).length)
      const value = events.shift()
      return value === undefined ? { done: true, value: undefined } : { done: false, value }
    }
    return { [Symbol.asyncIterator]: () => ({ next }) }
  }
}

async function answer(engine: Engine): Promise<readonly QueryEvent[]> {
  const clock = new ManualClock()
  const pool = new WorkerPool({ clock })
  await pool.add(engine, { name: 'rig' })
  await pool.start()
  const realms = new RealmRegistry({ pool, clock }, { node: 'me', realms: defaultConfig().realms })
  const router = new FederationRouter(
    {
      places: {
        best: () => ({
          node: LOCAL,
          model: 'tiny',
          cost: 1,
          hit: 'local',
          sure: true,
          realm: '$CHAT',
          relation: 'own',
          owner: 'own',
        }),
        isUnknown: () => assert.fail('there is a place'),
        whyNone: () => assert.fail('there is a place'),
        noteSent: () => assert.fail('it stays here'),
        noteFirstEvent: () => {},
        noteOutcome: () => {},
        noteContradicted: () => {},
        noteAffinity: () => {},
      },
      hosts: () => assert.fail('it stays here'),
      local: (query, options) => realms.run(query, options),
      remote: () => () => assert.fail('it stays here'),
      searchModel: () => assert.fail('there is a place'),
      reachMore: () => assert.fail('there is a place'),
      waitingRoom: new WaitingRoom({ clock, random: () => 1 }),
      hedges: new HedgeBudget(),
      clock,
      pseudonym: (user) => user,
      proofs: noProofs,
      log: silentQueryLog,
    },
    { node: 'me' },
  )
  const run = new QueryRun(
    {
      route: (query, options) => router.route(query, options),
      accounting: { open: () => ({ saw: () => {}, ended: () => {} }) },
      clock,
      log: silentQueryLog,
      users: { opening: undefined, isBanned: () => false },
      running: new RunningQueries(),
    },
    {
      query: chatQuery(),
      idChosen: false,
      signal: new AbortController().signal,
      totalMs: 60_000,
      onBegun: () => {},
      onEnded: () => {},
    },
  )
  const events = await collect(relayedRun(run))
  await pool.stop()
  return events
}

describe('the path of a query that stays here', () => {
  it(`has at most ${MOST_ITERATORS} iterators between the gateway and the engine`, async () => {
    const engine = new CountingEngine()
    const events = await answer(engine)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['start', 'text', 'text', 'text', 'end'],
    )
    assert.deepEqual([...new Set(engine.pulled)], [MOST_ITERATORS])
  })
})
