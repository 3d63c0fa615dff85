/**
 * A change as a function: it names what it reads, is given those records and writes others. Many are folded, one after another,
 * into one synced batch; each sees what those before it wrote, and one that throws leaves no trace.
 */
import { decodeRecord } from './checked-record.ts'

/** What a transaction reads from and writes to. Values are JSON; treat what you read as frozen and write a new object. */
export interface TransactionView {
  /** The record under a key that was named in `reads` or written in this batch. The type is the caller's promise. */
  read<T>(key: string): T | undefined
  write(key: string, value: object): void
  /** A write to a key that certainly holds nothing: saves looking what was there. */
  create(key: string, value: object): void
  remove(key: string): void
}

export interface Transaction<T> {
  /** Keys that `apply` reads. */
  readonly reads: readonly string[]
  /** Must be pure: it runs again when a shared store changed meanwhile. */
  apply(view: TransactionView): T
  /** How long this change may wait for company, milliseconds. @default the group commit's window */
  readonly patienceMs?: number
}

/** What a batch writes: `fresh` keys are known to have held nothing. */
export interface PendingWrite {
  readonly value: object | undefined
  readonly fresh: boolean
}

/** The state that the transactions of one batch share. */
export class BatchView {
  readonly #stored: ReadonlyMap<string, Uint8Array | undefined>
  readonly #decoded = new Map<string, unknown>()
  readonly writes = new Map<string, PendingWrite>()

  constructor(stored: ReadonlyMap<string, Uint8Array | undefined>) {
    this.#stored = stored
  }

  /** Runs one transaction; its writes join the batch only when it returns. */
  run<T>(transaction: Transaction<T>): T {
    const own = new Map<string, PendingWrite>()
    const result = transaction.apply({
      read: <V>(key: string) => this.#read(key, own) as V | undefined,
      write: (key, value) => {
        this.#put(own, key, value, false)
      },
      create: (key, value) => {
        this.#put(own, key, value, true)
      },
      remove: (key) => {
        this.#put(own, key, undefined, false)
      },
    })
    for (const [key, write] of own) this.writes.set(key, write)
    return result
  }

  #put(own: Map<string, PendingWrite>, key: string, value: object | undefined, fresh: boolean): void {
    const earlier = own.get(key) ?? this.writes.get(key)
    own.set(key, { value, fresh: earlier?.fresh ?? fresh })
  }

  #read(key: string, own: ReadonlyMap<string, PendingWrite>): unknown {
    const written = own.get(key) ?? this.writes.get(key)
    if (written !== undefined) return written.value
    if (this.#decoded.has(key)) return this.#decoded.get(key)
    if (!this.#stored.has(key)) throw new Error('a transaction read a key that it had not named')
    const bytes = this.#stored.get(key)
    const value = bytes === undefined ? undefined : decodeRecord(key, bytes).value
    this.#decoded.set(key, value)
    return value
  }
}
