/** Everything that this node keeps of a user, as one JSON object: for the user himself, and for moving him to another node by hand. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Account, AccountEvent } from '../rows/account.ts'
import { eventPrefix, userRef } from '../rows/keys.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'
import type { ApiKey, ApiKeys } from './api-keys.ts'
import type { QueryHistory, QueryWithText } from './query-history.ts'
import type { UserStore } from './user-store.ts'

export const EXPORT_FORMAT = 'realmesh-user/1'

export interface ExportedUser {
  readonly format: typeof EXPORT_FORMAT
  readonly exportedAt: number
  readonly account: Account
  /** Without the keys themselves: nobody has them but their owner. */
  readonly apiKeys: readonly ApiKey[]
  /** Newest first. */
  readonly queries: readonly QueryWithText[]
  readonly ledger: readonly AccountEvent[]
}

export interface ExportUserComponents {
  readonly users: UserStore
  readonly history: QueryHistory
  readonly apiKeys: ApiKeys
}

/** Throws `USER_NOT_FOUND`. */
export async function exportUser(components: ExportUserComponents, guid: string, now: number): Promise<ExportedUser> {
  const { users, history, apiKeys } = components
  await users.flush(userRef(guid))
  const account = await users.find(guid)
  if (account === undefined) throw new RealmeshError('USER_NOT_FOUND', 'there is no such user')
  return {
    format: EXPORT_FORMAT,
    exportedAt: now,
    account,
    apiKeys: await apiKeys.list(guid),
    queries: await allQueries(history, guid),
    ledger: await allEvents(users, guid),
  }
}

const PAGE = 500

async function allQueries(history: QueryHistory, guid: string): Promise<readonly QueryWithText[]> {
  const all = new Map<string, QueryWithText>()
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await history.list(userRef(guid), { limit: PAGE, before, texts: true })
    const size = all.size
    for (const query of page) all.set(query.id, query)
    const last = page.at(-1)
    // Several queries may have started in the same millisecond: the next page begins with that millisecond once more.
    if (last === undefined || page.length < PAGE || all.size === size) return [...all.values()]
    before = last.startedAt + 1
  }
}

async function allEvents(users: UserStore, guid: string): Promise<readonly AccountEvent[]> {
  const user = userRef(guid)
  const all: AccountEvent[] = []
  const lt = prefixEnd(eventPrefix(user.key))
  for (let gte = eventPrefix(user.key); ; ) {
    const page = await users.range<AccountEvent>(user, { gte, lt, limit: PAGE })
    all.push(...page.map(({ value }) => value))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return all.sort((a, b) => a.at - b.at)
    gte = keyAfter(last.key)
  }
}
