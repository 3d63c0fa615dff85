/**
 * A change as a function: it names what it reads, is given those records and writes others. Many are folded, one after
 * another, into one synced batch; each sees what those before it wrote, and one that throws leaves no trace.
 */
/**
 * What a transaction reads from and writes to. Values are JSON; treat what you read as frozen and write a new object.
 */
export interface TransactionView {
  /** The record under a key that was named in `reads` or written in this batch. The type is the caller's promise. */
  read<T>(key: string): T | undefined
  write(key: string, value: object): void
  /** A write to a key that certainly holds nothing: saves looking what was there. */
  create(key: string, value: object): void
  remove(key: string): void
}

/** A key that most often holds nothing, and what tells so without looking for it. */
export interface Probe {
  readonly key: string
  /**
   * Whether what the transaction's `reads` hold rules out that the store holds the key. Asked before any change of the
   * batch.
   */
  isMissing(view: Pick<TransactionView, 'read'>): boolean
}

export interface Transaction<T> {
  /** Keys that `apply` reads. */
  readonly reads: readonly string[]
  /** One more key that `apply` reads: it is looked for only where its absence is not certain. */
  readonly probe?: Probe
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

/** The state that the transactions of one batch share, and the view that each is given. */
export class BatchView implements TransactionView {
  readonly #stored: ReadonlyMap<string, Uint8Array | undefined>
  readonly #decode: (key: string, bytes: Uint8Array) => unknown
  readonly #decoded = new Map<string, unknown>()
  readonly writes = new Map<string, PendingWrite>()
  /** What the transaction under way has overwritten, in order. */
  #undo: { readonly key: string; readonly before: PendingWrite | undefined }[] = []

  /** `decode` throws for a damaged record. */
  constructor(
    stored: ReadonlyMap<string, Uint8Array | undefined>,
    decode: (key: string, bytes: Uint8Array) => unknown,
  ) {
    this.#stored = stored
    this.#decode = decode
  }

  /** Runs one transaction; when it throws, the batch is as it was before. */
  run<T>(transaction: Transaction<T>): T {
    this.#undo = []
    try {
      return transaction.apply(this)
    } catch (cause) {
      for (const { key, before } of this.#undo.reverse()) {
        if (before === undefined) this.writes.delete(key)
        else this.writes.set(key, before)
      }
      throw cause
    }
  }

  read<T>(key: string): T | undefined {
    const written = this.writes.get(key)
    if (written !== undefined) return written.value as T | undefined
    if (this.#decoded.has(key)) return this.#decoded.get(key) as T | undefined
    if (!this.#stored.has(key)) throw new Error('a transaction read a key that it had not named')
    const bytes = this.#stored.get(key)
    const value = bytes === undefined ? undefined : this.#decode(key, bytes)
    this.#decoded.set(key, value)
    return value as T | undefined
  }

  write(key: string, value: object): void {
    this.#put(key, value, false)
  }

  create(key: string, value: object): void {
    this.#put(key, value, true)
  }

  remove(key: string): void {
    this.#put(key, undefined, false)
  }

  #put(key: string, value: object | undefined, fresh: boolean): void {
    const before = this.writes.get(key)
    this.#undo.push({ key, before })
    this.writes.set(key, { value, fresh: before?.fresh ?? fresh })
  }
}
