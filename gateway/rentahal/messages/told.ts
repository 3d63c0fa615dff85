/** What RENT-A-HAL's clients are told on their socket. Its page throws where a number is none or a list is missing. */
import type { HouseTotals, KnownUser, PastQuery } from '../../../node/api/known-users.ts'
import type { NamedUsers } from '../../../node/api/node-control.ts'
import { escapeMarkup } from '../markup.ts'
import { ANY_WORKER } from '../query/query-schema.ts'
import type { ResultType } from '../query/steps.ts'
import type { Told } from '../realm-connection-manager.ts'
import { COOKIE } from '../visitors.ts'

export function errorTold(message: string, more: object = {}): Told {
  return { type: 'error', message, ...more }
}

export function noticeTold(message: string): Told {
  return { type: 'sysop_message', message }
}

export function cookieTold(guid: string): Told {
  return { type: 'set_cookie', name: COOKIE, value: guid }
}

/** To the user's own sockets only: their GUID is a credential. */
export function userTold(user: KnownUser): Told {
  return {
    type: 'user_info',
    data: {
      guid: user.guid,
      nickname: user.nickname,
      is_sysop: user.sysop,
      total_query_time: seconds(user.totalTimeMs),
      total_cost: user.totalCost,
      is_banned: user.banned,
      query_count: user.queryCount,
    },
  }
}

/** Types of ours by the names that the page shows, where it has one. */
const TYPE_NAMES: Readonly<Record<string, string>> = { transcribe: 'speech_in', speak: 'speech_out' }

/**
 * The page puts types and names into its markup as they are. Every query is answered by a worker here, whatever
 * `model_type` it came with.
 */
export function previousTold(guid: string, queries: readonly PastQuery[]): Told {
  const data = queries.map((query) => ({
    id: numberOf(query),
    user_guid: guid,
    query_type: escapeMarkup(TYPE_NAMES[query.type] ?? query.type),
    model_type: ANY_WORKER,
    model_name: escapeMarkup(query.modelServed ?? query.model),
    prompt: query.prompt ?? '',
    processing_time: seconds(query.tookMs),
    cost: query.cost,
    timestamp: new Date(query.startedAt).toISOString().slice(0, 19).replace('T', ' '),
  }))
  return { type: 'previous_queries', data }
}

/** A row's number, which the original counts: here the time of the query, by which a user's rows stand in order. */
function numberOf({ startedAt }: PastQuery): number {
  return Math.round(startedAt)
}

export interface ResultInit {
  /** Made fit for the page already. */
  readonly result: string
  readonly resultType: ResultType
  readonly seconds: number
  /** Credits. */
  readonly cost: number
}

export function resultTold({ result, resultType, seconds, cost }: ResultInit, more: object = {}): Told {
  const own = { result, result_type: resultType, processing_time: seconds, cost }
  return { type: 'query_result', ...own, ...more }
}

/** One row for the whole house; `at`: wall clock. */
export function statsTold({ queries, timeMs, cost }: HouseTotals, at: number): Told {
  const data = {
    id: 1,
    total_queries: queries,
    total_processing_time: seconds(timeMs),
    total_cost: cost,
    last_updated: zonelessTime(at),
  }
  return { type: 'system_stats', data }
}

type UserRow = NamedUsers['users'][number]

/** `shown`: the GUID of the one who reads, and of others what stands for it. */
export function usersTold(users: readonly UserRow[], shown: (user: UserRow) => string): Told {
  const data = users.map((user) => ({
    guid: shown(user),
    nickname: user.nickname,
    is_sysop: user.sysop ? 1 : 0,
    total_query_time: seconds(user.totalTimeMs),
    total_cost: user.totalCost,
    is_banned: user.banned ? 1 : 0,
    query_count: user.servedCount,
  }))
  return { type: 'user_stats', data }
}

/** ISO 8601 in local time without a zone, as the original's clocks tell it. */
export function zonelessTime(wall: number): string {
  const at = new Date(wall)
  return new Date(wall - at.getTimezoneOffset() * 60_000).toISOString().slice(0, -1)
}

function seconds(ms: number): number {
  return ms / 1_000
}
