/**
 * Writes the index anew from the shards, after it was damaged: who has which nickname, who is shut out, who lives
 * elsewhere than the map says, and that the place of first sysop is taken.
 */
import type { Account } from '../rows/account.ts'
import type { UserRef } from '../rows/keys.ts'
import { accountsOf } from '../rows/user-rows.ts'
import type { Shard } from '../shard/shard.ts'
import type { CrossShardIndex } from './cross-shard-index.ts'
import type { Override } from './user-places.ts'

export interface RebuildComponents {
  readonly index: CrossShardIndex
  readonly shards: readonly Shard[]
  /** Where the map alone, without overrides, puts a user. */
  readonly mapPlace: (user: UserRef) => string
}

export interface RebuildReport {
  readonly users: number
  /** Users that were found in two shards; the more used record counts. */
  readonly doubled: number
}

interface Found {
  readonly shard: string
  readonly account: Account
}

/** Users written in one commit. */
const CHUNK = 500

/** Whether `a` has seen more than `b`: the copy that a cut-off move left behind has seen less. */
function newer(a: Account, b: Account): boolean {
  return a.queryCount > b.queryCount || (a.queryCount === b.queryCount && (a.lastQueryAt ?? 0) > (b.lastQueryAt ?? 0))
}

export async function rebuildIndex({ index, shards, mapPlace }: RebuildComponents): Promise<RebuildReport> {
  const found = new Map<string, Found>()
  let doubled = 0
  for (const shard of shards) {
    for await (const { user, account } of accountsOf(shard)) {
      const other = found.get(user)
      if (other !== undefined) doubled += 1
      if (other === undefined || newer(account, other.account)) found.set(user, { shard: shard.name, account })
    }
  }
  const users = [...found]
  for (let at = 0; at < users.length; at += CHUNK) {
    await index.adopt(
      users.slice(at, at + CHUNK).map(([key, { shard, account }]) => ({
        user: key,
        nickname: account.nickname,
        sysop: account.sysop,
        banned: account.banned,
        ...overrideOf(shard, mapPlace({ guid: account.guid, key })),
      })),
    )
  }
  return { users: users.length, doubled }
}

function overrideOf(shard: string, place: string): { readonly override?: Override } {
  return shard === place ? {} : { override: { shard, pinned: false } }
}
