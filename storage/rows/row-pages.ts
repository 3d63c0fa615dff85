/** Rows of a user in the order of their keys, page by page, so that no more than one page is in memory. */
import type { ShardRecord } from '../shard/record-reader.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'
import type { UserRef } from './keys.ts'
import type { UserRecords } from './user-records.ts'

export interface RowPagesInit {
  readonly prefix: string
  /** The first key. @default the first with the prefix */
  readonly from?: string
  /** Rows of a page. */
  readonly size: number
}

/** Pages of the rows whose keys begin with `prefix`; none of them is empty. */
export async function* rowPages<T>(
  users: Pick<UserRecords, 'range'>,
  user: UserRef,
  { prefix, from = prefix, size }: RowPagesInit,
): AsyncGenerator<readonly ShardRecord<T>[], void> {
  const lt = prefixEnd(prefix)
  for (let gte = from; ; ) {
    const page = await users.range<T>(user, { gte, lt, limit: size })
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    gte = keyAfter(last.key)
  }
}
