/** One QueryRun at a scripted router. */
import type { ChatQuery, Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import { type QueryAdmission, QueryRun, type QueryRunInit } from '../../node/query/query-run.ts'
import type { RouteQuery } from '../../node/route/route-journal.ts'
import { RunningQueries } from '../../node/users/running-queries.ts'
import { collect } from './collect.ts'
import { ManualClock } from './manual-clock.ts'
import { chatQuery } from './query.ts'
import { keptQueryLog } from './query-log.ts'
import { until } from './until.ts'

/** What a scripted router does next: tells an event, or fails with a code. */
export type Step = QueryEvent | ErrorCode

/** A router whose n-th call plays the n-th script: events, or a code to fail with. */
export function scripted(...scripts: readonly Step[][]): { route: RouteQuery; asked: ChatQuery[] } {
  const asked: ChatQuery[] = []
  const route: RouteQuery = async function* (query: Query, options) {
    asked.push(query as ChatQuery)
    const script = scripts[asked.length - 1] ?? ['NO_WORKER']
    const attempt = options.journal.attempt(`node-${asked.length}`)
    for (const step of script) {
      if (typeof step === 'string') throw new RealmeshError(step, 'scripted')
      attempt.saw(step)
      yield step
    }
  }
  return { route, asked }
}

export const start = (node: string): QueryEvent => ({
  kind: 'start',
  node,
  worker: 'w',
  engine: 'fake',
  model: 'tiny-exact',
})
export const text = (piece: string): QueryEvent => ({ kind: 'text', text: piece })
export const end = (promptTokens: number, completionTokens: number): QueryEvent => ({
  kind: 'end',
  finishReason: 'stop',
  usage: { promptTokens, completionTokens },
})

/** A run of `query` at `route`, with all that it tells: receipts, what the account saw, lines of the log. */
export function run(
  route: RouteQuery,
  query: Query = chatQuery(),
  more: Partial<QueryRunInit> = {},
  clock = new ManualClock(),
  users: QueryAdmission = { opening: undefined, isBanned: () => false },
) {
  const receipts: RouteReceipt[] = []
  const { log, lines } = keptQueryLog()
  const account: (string | RouteReceipt)[] = []
  const accounting = {
    open: () => ({
      saw: ({ kind }: QueryEvent) => account.push(kind),
      ended: (receipt: RouteReceipt) => account.push(receipt),
    }),
  }
  const running = new RunningQueries()
  let begun = 0
  const events = relayedRun(
    new QueryRun(
      { route, accounting, clock, log, users, running },
      {
        query,
        idChosen: false,
        signal: new AbortController().signal,
        totalMs: 60_000,
        onBegun: () => {
          begun += 1
        },
        onEnded: (receipt) => receipts.push(receipt),
        ...more,
      },
    ),
  )
  return { events, running, receipts, account, lines, begun: () => begun }
}

/** All events, with the clock moved on whenever something waits for it. */
export async function hurried(events: AsyncIterable<QueryEvent>, clock: ManualClock): Promise<readonly QueryEvent[]> {
  let over = false
  const all = collect(events).finally(() => {
    over = true
  })
  all.catch(() => {}) // told below
  await until(
    'the end of the answer',
    () => over,
    () => clock.advance(250),
  )
  return all
}
