/**
 * One shard: a store, its head and its group commit. Every change goes through `transact`, is folded with others into
 * one synced batch together with the new head, and is acknowledged after it. A failed write leaves the state of the
 * medium unknown, so the shard refuses further writes until it was reopened (`recover`); reads go on meanwhile.
 */
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ShardStore, StoreRange, StoreSnapshot } from '../store/shard-store.ts'
import { closedError, storageError } from '../store/store-error.ts'
import { BatchWriter } from './batch-writer.ts'
import { GroupCommit, type WaitingTransaction } from './group-commit.ts'
import { RecordReader, type ShardRecord } from './record-reader.ts'
import { emptyHead, LAYOUT_KEY, SCHEMA, type ShardHead } from './shard-head.ts'
import type { Transaction } from './transaction.ts'
import type { Witness } from './witness-file.ts'

export interface ShardComponents {
  readonly store: ShardStore
  /** Remembers the last acknowledged commit; absent where the server answers for its own loss. */
  readonly witness?: { write(witness: Witness): Promise<void>; close(): Promise<void> }
  /** Whether the store's files are still where they belong: a process can write for days to files that were removed. */
  readonly present?: () => Promise<boolean>
  /** Told of a failed write, of a damaged record and of files that are gone; never with a user's data. */
  readonly onProblem?: (problem: RealmeshError) => void
}

export interface ShardInit {
  readonly name: string
  /** Epoch of a store that has no head yet: 16 hex digits. */
  readonly epoch: string
  /** Window of the group commit, milliseconds. @default 4 */
  readonly windowMs?: number
  /** Schema of a store that has no head yet. @default that of this version */
  readonly schema?: number
}

export class Shard {
  readonly name: string
  readonly #store: ShardStore
  readonly #witness: ShardComponents['witness']
  readonly #onProblem: (problem: RealmeshError) => void
  readonly #commits: GroupCommit
  readonly #reader: RecordReader
  readonly #writer: BatchWriter
  readonly #present: () => Promise<boolean>
  #lost = false
  #refusal: RealmeshError | undefined
  /** Whether a write failed, so that the medium may or may not hold it. */
  #uncertain = false
  #reopening: Promise<void> | undefined
  #closed = true

  constructor(components: ShardComponents, init: ShardInit) {
    this.name = init.name
    this.#store = components.store
    this.#witness = components.witness
    this.#present = components.present ?? (async () => true)
    this.#onProblem = components.onProblem ?? (() => {})
    this.#reader = new RecordReader({ store: this.#store, onProblem: this.#onProblem }, { name: init.name })
    this.#writer = new BatchWriter(
      {
        store: this.#store,
        decode: (key, bytes) => this.#reader.decode(key, bytes),
        onUncertain: (error) => {
          this.#uncertain = true
          this.#refusal = error
          this.#onProblem(error)
        },
      },
      { name: init.name, head: emptyHead(init.epoch, init.schema ?? SCHEMA) },
    )
    this.#commits = new GroupCommit(
      { commit: (batch) => this.#commit(batch) },
      { name: init.name, ...defined({ windowMs: init.windowMs }) },
    )
  }

  get kind(): ShardStore['kind'] {
    return this.#store.kind
  }

  get shared(): boolean {
    return this.#store.shared
  }

  get head(): ShardHead {
    return this.#writer.head
  }

  /** Why it takes no writes now; undefined when it does. */
  get refusal(): RealmeshError | undefined {
    return this.#refusal
  }

  /**
   * Records found damaged since the opening. They are refused, the others are served; an opening with its check can do
   * more.
   */
  get damagedRecords(): number {
    return this.#reader.damagedRecords
  }

  /** Whether its files were removed: then only another opening helps, with the files of a backup or what is left. */
  get lost(): boolean {
    return this.#lost
  }

  /** Looks whether the store's files are still there; if not, it acknowledges nothing more. */
  async lookAtFiles(): Promise<void> {
    if (this.#lost || this.#closed || (await this.#present()) || this.#closed) return
    this.#lost = true
    const fix = `restore a backup, or put the files back; then restart the node, or realmesh shards repair ${this.name}`
    const error = new RealmeshError('STORAGE_DAMAGED', `the files of ${this.name} are gone: nothing is written`, {
      fix,
    })
    this.#refusal = error
    this.#onProblem(error)
  }

  /** Reads the head of the opened store. */
  async start(): Promise<void> {
    await this.#writer.load()
    this.#closed = false
  }

  /** The record, or undefined. Throws `STORAGE_DAMAGED` when its checksum does not fit. */
  get<T>(key: string): Promise<T | undefined> {
    return this.#read(() => this.#reader.get<T>(key))
  }

  getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    return this.#read(() => this.#reader.getMany<T>(keys))
  }

  /** One page of a range, decoded. */
  range<T>(range: StoreRange): Promise<ShardRecord<T>[]> {
    return this.#read(() => this.#reader.range<T>(range))
  }

  /** One change. Resolves with what `apply` returned, once it is safe. */
  transact<T>(transaction: Transaction<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.name))
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    return this.#commits.submit(transaction)
  }

  /** Resolves when every change submitted before is settled. */
  flush(): Promise<void> {
    return this.#commits.flush()
  }

  /** Runs `task` while nothing is being committed; used for snapshots of several shards at one moment. */
  exclusive<T>(task: (store: ShardStore) => Promise<T>): Promise<T> {
    return this.#commits.exclusive(() => task(this.#store))
  }

  /** A frozen view, or the live store where the server has none. */
  snapshot(): StoreSnapshot {
    this.#assertOpen()
    const store = this.#store
    return (
      store.snapshot() ?? {
        get: (key) => store.get(key),
        getMany: (keys) => store.getMany(keys),
        range: (range) => store.range(range),
        close: async () => {},
      }
    )
  }

  /** Removed records under a prefix leave the medium too. */
  async reclaim(gte: string, lt: string): Promise<void> {
    await this.#store.reclaim(gte, lt)
  }

  /** Notes that all rows have a newer layout; the head carries the number. For migrations, before the shard serves. */
  async raiseSchema(schema: number): Promise<void> {
    await this.flush()
    this.#writer.setSchema(schema)
    await this.transact({
      reads: [],
      apply: (view) => {
        view.write(LAYOUT_KEY, { schema })
      },
    })
  }

  /** Refuses writes with `reason` until `recover`; reads go on. */
  refuseWrites(reason: RealmeshError): void {
    this.#refusal ??= reason
  }

  /** Whether `recover` has to close and open the store, because a write failed. That needs some room on the disk. */
  get mustReopen(): boolean {
    return this.#uncertain
  }

  /**
   * Takes writes again, after reopening the store if one failed. Throws, and goes on refusing, when it does not open.
   */
  recover(): Promise<void> {
    if (this.#lost) return Promise.reject(this.#refusal)
    if (!this.#uncertain) {
      this.#refusal = undefined
      return Promise.resolve()
    }
    this.#reopening ??= this.#commits
      .exclusive(() => this.#reopen())
      .finally(() => {
        this.#reopening = undefined
      })
    return this.#reopening
  }

  async #reopen(): Promise<void> {
    if (!this.#uncertain || this.#closed) return
    await this.#store.close()
    await this.#store.open()
    // The refused batch may have reached the medium whole: the stored head says so, and we go on from there.
    await this.#writer.load()
    this.#uncertain = false
    this.#refusal = undefined
  }

  /** A read that meets the store while it is being reopened waits and tries once more. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    try {
      return await read()
    } catch (error) {
      const reopening = this.#reopening
      if (reopening === undefined || storageError(error, this.name).code !== 'STORAGE_CLOSED') throw error
      await reopening
      return await read()
    }
  }

  /** Settles what waits and closes the store. Twice is harmless. */
  async stop(): Promise<void> {
    await this.#commits.close()
    if (this.#closed) return
    this.#closed = true
    try {
      await this.#witness?.close()
    } catch (cause) {
      throw storageError(cause, this.name)
    } finally {
      await this.#store.close()
    }
  }

  async #commit(batch: readonly WaitingTransaction[]): Promise<void> {
    if (this.#refusal !== undefined) {
      for (const { reject } of batch) reject(this.#refusal)
      return
    }
    try {
      const settle = await this.#writer.write(batch)
      await this.#noteWitness()
      settle()
    } catch (cause) {
      const error = storageError(cause, this.name)
      for (const { reject } of batch) reject(error)
    }
  }

  /** The batch is safe already: a witness that cannot be written weakens the next check, it does not undo the write. */
  async #noteWitness(): Promise<void> {
    try {
      const { epoch, seq } = this.#writer.head
      await this.#witness?.write({ epoch, seq })
    } catch (cause) {
      this.#onProblem(storageError(cause, `${this.name} (witness file)`))
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError(this.name)
  }
}
