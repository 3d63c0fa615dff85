/** Reading, copying and removing all rows of a user: what moving, exporting and erasing have in common. */

import type { ShardRecord } from '../shard/record-reader.ts'
import type { Shard } from '../shard/shard.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'
import type { Account } from './account.ts'
import { isAccountKey, USERS_PREFIX, userOfKey, userPrefix } from './keys.ts'

/** Rows read or written at once. */
const CHUNK = 500

/** All rows of a user, in pages. */
export async function* userRows(shard: Shard, user: string): AsyncGenerator<ShardRecord<object>[]> {
  const lt = prefixEnd(userPrefix(user))
  let gte = userPrefix(user)
  for (;;) {
    const page = await shard.range<object>({ gte, lt, limit: CHUNK })
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < CHUNK) return
    gte = keyAfter(last.key)
  }
}

/** Puts rows into a shard, in one commit. */
export async function putRows(shard: Shard, rows: readonly ShardRecord<object>[]): Promise<void> {
  await shard.transact({
    reads: [],
    apply: (view) => {
      for (const { key, value } of rows) view.write(key, value)
    },
  })
}

/** Removes rows, in the order given, some hundred in a commit. */
export async function removeKeys(shard: Shard, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += CHUNK) {
    const chunk = keys.slice(at, at + CHUNK)
    await shard.transact({
      reads: [],
      apply: (view) => {
        for (const key of chunk) view.remove(key)
      },
    })
  }
}

/**
 * Removes all rows of the users, the account last, so that what a crash leaves still belongs to a user. Returns how
 * many.
 */
export async function removeUsers(shard: Shard, users: readonly string[]): Promise<number> {
  let removed = 0
  for (const user of users) {
    const accounts: string[] = []
    for await (const page of userRows(shard, user)) {
      const keys = page.map(({ key }) => key)
      accounts.push(...keys.filter(isAccountKey))
      const others = keys.filter((key) => !isAccountKey(key))
      await removeKeys(shard, others)
      removed += keys.length
    }
    await removeKeys(shard, accounts)
  }
  return removed
}

/** All accounts of a shard. A user with many rows costs one seek, not a walk over them. */
export async function* accountsOf(shard: Shard): AsyncGenerator<{ readonly user: string; readonly account: Account }> {
  const lt = prefixEnd(USERS_PREFIX)
  let gte = USERS_PREFIX
  for (;;) {
    const page = await shard.range<Account>({ gte, lt, limit: SEEK_PAGE })
    for (const { key, value } of page) {
      const user = userOfKey(key)
      if (user !== undefined && isAccountKey(key)) yield { user, account: value }
    }
    const last = page.at(-1)
    const user = last === undefined ? undefined : userOfKey(last.key)
    if (user === undefined || page.length < SEEK_PAGE) return
    gte = prefixEnd(userPrefix(user))
  }
}

/** Small, because most of a page is rows of one busy user. */
const SEEK_PAGE = 64
