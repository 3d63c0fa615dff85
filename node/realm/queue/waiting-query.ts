/**
 * A query that waits for a slot: tells its reader its place, and ends when it has a slot, or when waiting no longer
 * helps.
 */
import type { Query } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { type RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Asker } from '../../../core/scope.ts'
import type { WorkerLease } from '../../../workers/pool/worker-lease.ts'
import type { QueueEntry } from './realm-queue.ts'

/** What a query is that waits. */
export interface WaitingQueryInit extends QueueEntry {
  readonly query: Query
  /** Names of workers that failed it. */
  readonly exclude: ReadonlySet<string>
  readonly signal: CancelSignal
  /** It waits no more: it has a slot, it failed, or its reader has left. Called once. */
  readonly onOver: (waiting: WaitingQuery) => void
}

type Step = IteratorResult<QueryEvent, undefined>

/** The reader of the next event. */
interface Reader {
  readonly resolve: (step: Step) => void
  readonly reject: (error: unknown) => void
}

const OVER: Step = { done: true, value: undefined }

/** Its events are `queued`, each time that its place was told anew; pulled one at a time. */
export class WaitingQuery implements QueueEntry, AsyncIterableIterator<QueryEvent> {
  readonly query: Query
  readonly exclude: ReadonlySet<string>
  readonly asker: Asker
  readonly flow: string
  readonly kind: string
  readonly enqueuedAt: number
  readonly #signal: CancelSignal
  readonly #onOver: (waiting: WaitingQuery) => void
  #position = 0
  #news: QueryEvent | undefined
  #lease: WorkerLease | undefined
  #error: RealmeshError | undefined
  #over = false
  #reader: Reader | undefined

  constructor({ query, exclude, asker, flow, kind, enqueuedAt, signal, onOver }: WaitingQueryInit) {
    this.query = query
    this.exclude = exclude
    this.asker = asker
    this.flow = flow
    this.kind = kind
    this.enqueuedAt = enqueuedAt
    this.#signal = signal
    this.#onOver = onOver
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The place that was told last; 0 before the first. */
  get position(): number {
    return this.#position
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Step> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#over) return Promise.resolve(OVER)
    if (this.#news === undefined) {
      return new Promise((resolve, reject) => {
        this.#reader = { resolve, reject }
      })
    }
    const value = this.#news
    this.#news = undefined
    return Promise.resolve({ done: false, value })
  }

  async return(): Promise<Step> {
    this.leave()
    return OVER
  }

  /** Tells where it stands: 1 is next. What the reader has not yet taken is replaced. */
  tell(position: number, estimatedWaitMs: number): void {
    this.#position = position
    const value = { kind: 'queued', position, estimatedWaitMs } as const
    if (this.#reader === undefined) this.#news = value
    else this.#takeReader()?.resolve({ done: false, value })
  }

  /** It has a slot. */
  grant(lease: WorkerLease): void {
    this.#lease = lease
    this.#end()
  }

  /** Waiting no longer helps. */
  fail(error: RealmeshError): void {
    if (this.#over) return
    this.#error = error
    this.#end()
  }

  /** Takes over the slot: once, after its end. */
  takeLease(): WorkerLease | undefined {
    const lease = this.#lease
    this.#lease = undefined
    return lease
  }

  /** Gives up the place, and the slot if it was not taken over. */
  leave(): void {
    this.takeLease()?.release()
    this.#end()
  }

  readonly #onAbort = (): void => this.fail(toRealmeshError(this.#signal.reason, 'CANCELLED'))

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#onOver(this)
    const reader = this.#takeReader()
    if (this.#error === undefined) reader?.resolve(OVER)
    else reader?.reject(this.#error)
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader
    this.#reader = undefined
    return reader
  }
}
