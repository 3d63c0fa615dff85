/** Who the users of a node are, for its operator: accounts without their settings, the most recently seen first. */
import { defined } from '../../core/defined.ts'
import { type Account, MICROS, servedCount } from '../rows/account.ts'
import type { UserStore } from './user-store.ts'

/** Users that one list holds: more than a person reads, and 200 kB as JSON. */
export const MAX_LISTED_USERS = 1_000

/** The GUID is a credential: it belongs on the operator's screen, and nowhere else. */
export interface ListedUser {
  readonly guid: string
  readonly nickname: string
  readonly sysop: boolean
  readonly banned: boolean
  /** Wall clock, milliseconds since the epoch. */
  readonly createdAt: number
  /** Absent before the first query. */
  readonly lastQueryAt?: number
  readonly queryCount: number
  readonly servedCount: number
  /** Milliseconds of those that were served. */
  readonly totalTimeMs: number
  /** Credits. */
  readonly totalCost: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Whether prompts and answers are kept. */
  readonly history: boolean
}

export interface UserList {
  readonly users: readonly ListedUser[]
  /** How many there are; more than `users` holds where the list was cut. */
  readonly total: number
}

/** The users of all shards in service; of more than `limit` those who asked last. */
export async function listUsers(store: Pick<UserStore, 'all'>, limit = MAX_LISTED_USERS): Promise<UserList> {
  let recent: ListedUser[] = []
  let total = 0
  for await (const account of store.all()) {
    total += 1
    recent.push(listed(account))
    if (recent.length >= 2 * limit) recent = latest(recent, limit) // what is held stays bounded, however many there are
  }
  return { users: latest(recent, limit), total }
}

function listed(account: Account): ListedUser {
  const { guid, nickname, sysop, banned, createdAt, lastQueryAt, queryCount, totalTimeMs, history } = account
  const { promptTokens, completionTokens, totalCostMicros } = account
  return {
    guid,
    nickname,
    sysop,
    banned,
    createdAt,
    queryCount,
    servedCount: servedCount(account),
    totalTimeMs,
    totalCost: totalCostMicros / MICROS,
    promptTokens,
    completionTokens,
    history,
    ...defined({ lastQueryAt }),
  }
}

function latest(users: readonly ListedUser[], limit: number): ListedUser[] {
  const seen = ({ lastQueryAt, createdAt }: ListedUser): number => lastQueryAt ?? createdAt
  return [...users].sort((a, b) => seen(b) - seen(a)).slice(0, limit)
}
