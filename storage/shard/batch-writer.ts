/**
 * Computes a batch of changes, one after another, and writes it together with the new head of the shard. Where other
 * processes write to the same store, a batch that was computed from what no longer holds is computed again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { decodeRecord, encodeRecord } from '../store/checked-record.ts'
import type { ShardStore, StoreOperation } from '../store/shard-store.ts'
import { storageError } from '../store/store-error.ts'
import type { WaitingTransaction } from './group-commit.ts'
import { type Change, decodeHead, encodeHead, HEAD_KEY, LAYOUT_KEY, nextHead, type ShardHead } from './shard-head.ts'
import { BatchView, type Probe, type Transaction } from './transaction.ts'

/**
 * Changes computed before others get their turn of the event loop: a batch of hundreds at once would hold up what
 * streams.
 */
const CHANGES_PER_TURN = 32

/** A batch that meets a shared store changed by another process is computed again this often before it gives up. */
const MAX_CONFLICTS = 50

type Held = Map<string, Uint8Array | undefined>

/** What a transaction came to, told to its caller once the batch is safe. */
type Outcome = { readonly failed: false; readonly value: unknown } | { readonly failed: true; readonly reason: unknown }

/** What the first version of the layout was: it left no note of itself in a shared store. */
const FIRST_LAYOUT = 1

interface Layout {
  readonly schema: number
}

export interface BatchWriterComponents {
  readonly store: ShardStore
  /** What a record holds; throws when it is damaged. */
  readonly decode: (key: string, bytes: Uint8Array) => unknown
  /** Told when a write failed: the medium may or may not hold the batch. */
  readonly onUncertain: (error: RealmeshError) => void
}

export interface BatchWriterInit {
  /** Names the shard in errors. */
  readonly name: string
  /** Of a store that has none yet. */
  readonly head: ShardHead
}

export class BatchWriter {
  readonly #store: ShardStore
  readonly #decode: BatchWriterComponents['decode']
  readonly #onUncertain: BatchWriterComponents['onUncertain']
  readonly #name: string
  #head: ShardHead

  constructor(components: BatchWriterComponents, init: BatchWriterInit) {
    this.#store = components.store
    this.#decode = components.decode
    this.#onUncertain = components.onUncertain
    this.#name = init.name
    this.#head = init.head
  }

  get head(): ShardHead {
    return this.#head
  }

  /** Reads the head as the store has it. A store without one is new: the first batch writes it. */
  async load(): Promise<void> {
    const bytes = await this.#store.get(HEAD_KEY)
    if (bytes !== undefined) this.#head = decodeHead(bytes)
    else if (this.#store.shared) this.setSchema(await this.#sharedSchema())
  }

  /** The version that the next head carries. */
  setSchema(schema: number): void {
    this.#head = { ...this.#head, schema }
  }

  /** Resolves, once the batch is safe, with what tells each caller. Throws when nothing of it can be acknowledged. */
  async write(batch: readonly WaitingTransaction[]): Promise<() => void> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const settle = await this.#attempt(batch)
      if (settle !== undefined) return settle
    }
    throw new RealmeshError('STORAGE_FAILED', `${this.#name}: others change the same records all the time`)
  }

  /** A shared store has no head: the note of the last change of its layout tells the version. */
  async #sharedSchema(): Promise<number> {
    const note = await this.#store.get(LAYOUT_KEY)
    if (note !== undefined) return (decodeRecord(LAYOUT_KEY, note).value as Layout).schema
    return (await this.#store.range({ limit: 1 })).length === 0 ? this.#head.schema : FIRST_LAYOUT
  }

  /** Undefined when a shared store changed meanwhile. */
  async #attempt(batch: readonly WaitingTransaction[]): Promise<(() => void) | undefined> {
    const held: Held = new Map()
    await this.#fetch(readsOf(batch), held)
    const view = new BatchView(held, this.#decode)
    await this.#fetch(probesOf(batch, view, held), held)
    const outcomes: Outcome[] = []
    for (const { transaction } of batch) {
      outcomes.push(runOne(view, transaction))
      if (outcomes.length % CHANGES_PER_TURN === 0) await nextTurn()
    }
    if (view.writes.size > 0 && !(await this.#writeAll(view, held))) return undefined
    return () => {
      for (const [at, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[at]
        if (outcome?.failed === true) reject(outcome.reason)
        else resolve(outcome?.value)
      }
    }
  }

  async #fetch(keys: ReadonlySet<string>, into: Held): Promise<void> {
    if (keys.size === 0) return
    const asked = [...keys]
    const found = await this.#store.getMany(asked)
    for (const [at, key] of asked.entries()) into.set(key, found[at])
  }

  /**
   * `held`: what is known of the store; what a blind write replaces is added. `false`: a shared store changed
   * meanwhile.
   */
  async #writeAll(view: BatchView, held: Held): Promise<boolean> {
    const blind = new Set<string>()
    for (const [key, { fresh }] of view.writes) if (!fresh && !held.has(key)) blind.add(key)
    await this.#fetch(blind, held)
    const operations: StoreOperation[] = []
    const changes: Change[] = []
    for (const [key, { value }] of view.writes) {
      const after = value === undefined ? undefined : encodeRecord(key, value, this.#head.schema)
      operations.push({ key, value: after })
      changes.push({ before: held.get(key), after })
      if (operations.length % CHANGES_PER_TURN === 0) await nextTurn()
    }
    const head = nextHead(this.#head, changes)
    // A shared store has many writers and no single head; its server answers for its own durability.
    if (!this.#store.shared) operations.push({ key: HEAD_KEY, value: encodeHead(head) })
    try {
      if (!(await this.#store.write(operations, { expected: held }))) return false
    } catch (cause) {
      const error = storageError(cause, this.#name)
      this.#onUncertain(error)
      throw error
    }
    this.#head = head
    return true
  }
}

function readsOf(batch: readonly WaitingTransaction[]): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const { transaction } of batch) for (const key of transaction.reads) keys.add(key)
  return keys
}

/** Keys to be looked for; those that certainly hold nothing are noted in `held`. */
function probesOf(batch: readonly WaitingTransaction[], view: BatchView, held: Held): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const { transaction } of batch) {
    const { probe } = transaction
    if (probe === undefined || held.has(probe.key)) continue
    if (isMissing(probe, view)) held.set(probe.key, undefined)
    else keys.add(probe.key)
  }
  return keys
}

/** A damaged record rules nothing out: the transaction itself will meet it, and tell its caller. */
function isMissing(probe: Probe, view: BatchView): boolean {
  try {
    return probe.isMissing(view)
  } catch {
    return false
  }
}

/** Folds one transaction into the batch. */
function runOne(view: BatchView, transaction: Transaction<unknown>): Outcome {
  try {
    return { failed: false, value: view.run(transaction) }
  } catch (reason) {
    return { failed: true, reason }
  }
}
