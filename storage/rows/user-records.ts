import type { ShardRecord } from '../shard/record-reader.ts'
import type { Transaction } from '../shard/transaction.ts'
import type { StoreRange } from '../store/shard-store.ts'
import type { UserRef } from './keys.ts'

/** What the parts that keep users' records need: reads and changes of one user's rows. */
export interface UserRecords {
  transact<T>(user: UserRef, transaction: Transaction<T>): Promise<T>
  range<T>(user: UserRef, range: StoreRange): Promise<ShardRecord<T>[]>
  getMany<T>(user: UserRef, keys: readonly string[]): Promise<(T | undefined)[]>
  /** Resolves when the changes of this user that wait are safe. */
  flush(user: UserRef): Promise<void>
  /** The account changed: the next one to ask for it reads it again. */
  forget(user: UserRef): void
}
