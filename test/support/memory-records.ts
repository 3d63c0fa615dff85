/** Rows of users in memory, and the files and batches of a node over them: the real classes on a map. */

import { UserBatches } from '../../node/files/user-batches.ts'
import { UserFiles } from '../../node/files/user-files.ts'
import type { Account } from '../../storage/rows/account.ts'
import { newAccount } from '../../storage/rows/account.ts'
import type { UserRef } from '../../storage/rows/keys.ts'
import type { UserRecords } from '../../storage/rows/user-records.ts'
import type { ShardRecord } from '../../storage/shard/record-reader.ts'
import type { Transaction } from '../../storage/shard/transaction.ts'
import type { StoreRange } from '../../storage/store/shard-store.ts'
import { BatchLedger } from '../../storage/users/batch-ledger.ts'
import { FileShelf } from '../../storage/users/file-shelf.ts'

export class MemoryRecords implements UserRecords {
  readonly rows = new Map<string, object>()
  /** What the next changes fail with, one after the other. */
  readonly failures: Error[] = []

  async transact<T>(_user: UserRef, { apply }: Transaction<T>): Promise<T> {
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
    const writes = new Map<string, object | undefined>()
    const write = (key: string, value: object): void => void writes.set(key, structuredClone(value))
    const result = apply({
      read: <V>(key: string) => (writes.has(key) ? writes.get(key) : this.rows.get(key)) as V | undefined,
      write,
      create: write,
      remove: (key) => void writes.set(key, undefined),
    })
    for (const [key, value] of writes) {
      if (value === undefined) this.rows.delete(key)
      else this.rows.set(key, value)
    }
    return result
  }

  async range<T>(_user: UserRef, { gte = '', lt = '~', limit }: StoreRange): Promise<ShardRecord<T>[]> {
    const keys = [...this.rows.keys()].filter((key) => key >= gte && key < lt).sort()
    return keys.slice(0, limit).map((key) => ({ key, value: this.rows.get(key) as T }))
  }

  async getMany<T>(_user: UserRef, keys: readonly string[]): Promise<(T | undefined)[]> {
    return keys.map((key) => this.rows.get(key) as T | undefined)
  }

  async flush(): Promise<void> {}

  forget(): void {}
}

/** Files and batches as a node keeps them. */
export class MemoryUsers {
  readonly records = new MemoryRecords()
  readonly files: UserFiles
  readonly batches: UserBatches
  readonly #accounts = new Map<string, Account>()

  constructor(wall: () => number = Date.now) {
    const shelf = new FileShelf({ users: this.records })
    const ledger = new BatchLedger({ users: this.records })
    const user = async (guid: string): Promise<Account> => this.#account(guid)
    const accounts = this.#accounts
    const users = {
      all: async function* () {
        yield* accounts.values()
      },
    }
    this.files = new UserFiles({ data: { user, files: shelf }, clock: { wall } })
    this.batches = new UserBatches({ data: { opened: Promise.resolve(), user, users, batches: ledger } })
  }

  #account(guid: string): Account {
    const found = this.#accounts.get(guid)
    if (found !== undefined) return found
    const made = newAccount({ guid, nickname: guid, sysop: false, createdAt: 0, history: true })
    this.#accounts.set(guid, made)
    return made
  }
}
