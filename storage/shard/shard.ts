/**
 * One shard: a store, its head and its group commit. Every change goes through `transact`, is folded with others into one synced
 * batch together with the new head, and is acknowledged after it. A failed write leaves the state of the medium unknown, so the
 * shard refuses further writes until it was reopened (`recover`); reads go on meanwhile.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { decodeRecord, encodeRecord } from '../store/checked-record.ts'
import type { ShardStore, StoreOperation, StoreRange, StoreSnapshot } from '../store/shard-store.ts'
import { closedError, storageError } from '../store/store-error.ts'
import { GroupCommit, type WaitingTransaction } from './group-commit.ts'
import type { KnownRecords } from './known-records.ts'
import { type Change, decodeHead, emptyHead, encodeHead, HEAD_KEY, nextHead, type ShardHead } from './shard-head.ts'
import { BatchView, type Transaction } from './transaction.ts'
import type { Witness } from './witness-file.ts'

/** Layout of keys and records that this version writes. */
export const SCHEMA = 1

/** Row that says by which version the layout was last changed. */
const LAYOUT_KEY = 'y'

/** Changes computed before others get their turn of the event loop: a batch of hundreds at once would hold up what streams. */
const CHANGES_PER_TURN = 32

/** Damaged records that are told apart; beyond that it is no matter of records. */
const MAX_DAMAGED = 1_000

/** A batch that meets a shared store changed by someone else is computed again this often before it gives up. */
const MAX_CONFLICTS = 50

export interface ShardComponents {
  readonly store: ShardStore
  /** Remembers the last acknowledged commit; absent where the server answers for its own loss. */
  readonly witness?: { write(witness: Witness): Promise<void>; close(): Promise<void> }
  /** What a store that only this process writes to is known to hold; absent: commits read what they change. */
  readonly known?: KnownRecords
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
  /** Schema of a store that has no head yet. @default 1 */
  readonly schema?: number
}

/** A decoded record. */
export interface ShardRecord<T> {
  readonly key: string
  readonly value: T
}

export class Shard {
  readonly name: string
  readonly #store: ShardStore
  readonly #witness: ShardComponents['witness']
  readonly #known: KnownRecords | undefined
  readonly #onProblem: (problem: RealmeshError) => void
  readonly #commits: GroupCommit
  #head: ShardHead
  readonly #present: () => Promise<boolean>
  /** Keys of records that were found damaged since the opening. */
  readonly #damaged = new Set<string>()
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
    this.#known = components.store.shared ? undefined : components.known
    this.#present = components.present ?? (async () => true)
    this.#onProblem = components.onProblem ?? (() => {})
    this.#head = emptyHead(init.epoch, init.schema ?? SCHEMA)
    this.#commits = new GroupCommit(
      { commit: (batch) => this.#commit(batch) },
      { name: init.name, ...(init.windowMs === undefined ? {} : { windowMs: init.windowMs }) },
    )
  }

  get kind(): ShardStore['kind'] {
    return this.#store.kind
  }

  get shared(): boolean {
    return this.#store.shared
  }

  get head(): ShardHead {
    return this.#head
  }

  /** Why it takes no writes now; undefined when it does. */
  get refusal(): RealmeshError | undefined {
    return this.#refusal
  }

  /** Records found damaged since the opening. They are refused, the others are served; an opening with its check can do more. */
  get damagedRecords(): number {
    return this.#damaged.size
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

  /** Reads the head of the opened store. A store without one is new: the first commit writes it. */
  async start(): Promise<void> {
    const bytes = await this.#store.get(HEAD_KEY)
    if (bytes !== undefined) this.#head = decodeHead(bytes)
    this.#closed = false
  }

  /** The record, or undefined. Throws `STORAGE_DAMAGED` when its checksum does not fit. */
  async get<T>(key: string): Promise<T | undefined> {
    const bytes = await this.#read(() => this.#store.get(key))
    return bytes === undefined ? undefined : this.#decode<T>(key, bytes)
  }

  async getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    const found = await this.#read(() => this.#store.getMany(keys))
    return keys.map((key, index) => {
      const bytes = found[index]
      return bytes === undefined ? undefined : this.#decode<T>(key, bytes)
    })
  }

  /** One page of a range, decoded. */
  async range<T>(range: StoreRange): Promise<ShardRecord<T>[]> {
    return (await this.#read(() => this.#store.range(range))).map(([key, bytes]) => ({
      key,
      value: this.#decode<T>(key, bytes),
    }))
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
    this.#head = { ...this.#head, schema }
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

  /** Takes writes again, after reopening the store if one failed. Throws, and goes on refusing, when it does not open. */
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
    const bytes = await this.#store.get(HEAD_KEY)
    // The refused batch may have reached the medium whole: the stored head says so, and we go on from there.
    if (bytes !== undefined) this.#head = decodeHead(bytes)
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
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
        const settle = await this.#attempt(batch)
        if (settle === undefined) continue
        await this.#noteWitness()
        settle()
        return
      }
      throw new RealmeshError('STORAGE_FAILED', `${this.name}: others change the same records all the time`)
    } catch (cause) {
      const error = storageError(cause, this.name)
      for (const { reject } of batch) reject(error)
    }
  }

  /** Computes and writes the batch; undefined when a shared store changed meanwhile. */
  async #attempt(batch: readonly WaitingTransaction[]): Promise<(() => void) | undefined> {
    const reads = new Set<string>()
    for (const { transaction } of batch) for (const key of transaction.reads) reads.add(key)
    const expected = await this.#fetch(reads)
    const view = new BatchView(expected, (key, bytes) => this.#decode(key, bytes))
    const settlements: (() => void)[] = []
    for (const waiting of batch) {
      settlements.push(runOne(view, waiting))
      if (settlements.length % CHANGES_PER_TURN === 0) await nextTurn()
    }
    const settle = (): void => {
      for (const settlement of settlements) settlement()
    }
    if (view.writes.size === 0) return settle
    const unseen = [...view.writes].filter(([key, write]) => !write.fresh && !expected.has(key)).map(([key]) => key)
    for (const [key, bytes] of await this.#fetch(unseen)) expected.set(key, bytes)
    const written = await this.#write(view, expected)
    return written ? settle : undefined
  }

  /** What the keys hold; the store is asked only for what is not known. */
  async #fetch(keys: Iterable<string>): Promise<Map<string, Uint8Array | undefined>> {
    const known = this.#known
    const held = new Map<string, Uint8Array | undefined>()
    const asked: string[] = []
    for (const key of keys) {
      const bytes = known?.bytesOf(key)
      if (bytes !== undefined || known?.mayHold(key) === false) held.set(key, bytes)
      else asked.push(key)
    }
    if (asked.length === 0) return held
    const found = await this.#store.getMany(asked)
    for (const [index, key] of asked.entries()) {
      const bytes = found[index]
      held.set(key, bytes)
      if (bytes !== undefined) known?.keep(key, bytes)
    }
    return held
  }

  async #write(view: BatchView, expected: ReadonlyMap<string, Uint8Array | undefined>): Promise<boolean> {
    const operations: StoreOperation[] = []
    const changes: Change[] = []
    for (const [key, { value }] of view.writes) {
      const bytes = value === undefined ? undefined : encodeRecord(key, value, this.#head.schema)
      const before = expected.get(key)
      operations.push({ key, value: bytes })
      changes.push({ before, after: bytes })
      // Before the write is tried: it may reach the medium and fail all the same.
      if (before === undefined && bytes !== undefined) this.#known?.addKey(key)
      if (operations.length % CHANGES_PER_TURN === 0) await nextTurn()
    }
    const head = nextHead(this.#head, changes)
    // A shared store has many writers and no single head; its server answers for its own durability.
    if (!this.#store.shared) operations.push({ key: HEAD_KEY, value: encodeHead(head) })
    try {
      if (!(await this.#store.write(operations, { expected }))) return false
    } catch (cause) {
      const error = storageError(cause, this.name)
      this.#uncertain = true
      this.#known?.forgetRecords()
      this.#refusal = error
      this.#onProblem(error)
      throw error
    }
    this.#head = head
    for (const { key, value } of operations) if (expected.get(key) !== undefined) this.#known?.changed(key, value)
    return true
  }

  /** The batch is safe already: a witness that cannot be written weakens the next check, it does not undo the write. */
  async #noteWitness(): Promise<void> {
    try {
      await this.#witness?.write({ epoch: this.#head.epoch, seq: this.#head.seq })
    } catch (cause) {
      this.#onProblem(storageError(cause, `${this.name} (witness file)`))
    }
  }

  #decode<T>(key: string, bytes: Uint8Array): T {
    try {
      // The checksum vouches that these are bytes that we wrote; the key says of which kind.
      return decodeRecord(key, bytes).value as T
    } catch (cause) {
      const error = storageError(cause, this.name)
      if (this.#damaged.size < MAX_DAMAGED) this.#damaged.add(key)
      this.#onProblem(error)
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError(this.name)
  }
}

/** Folds one transaction into the batch; the returned function tells its caller, once the batch is safe. */
function runOne(view: BatchView, { transaction, resolve, reject }: WaitingTransaction): () => void {
  try {
    const value = view.run(transaction)
    return () => {
      resolve(value)
    }
  } catch (error) {
    return () => {
      reject(error)
    }
  }
}
