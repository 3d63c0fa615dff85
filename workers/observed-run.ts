/**
 * A run of an engine as the worker sees it: `start` first, then the engine's own events, unchanged, while the clock is kept beside
 * them. Written as an iterator by hand because it stands on the path of every token: one promise per event instead of three.
 */
import type { Clock } from '../core/clock.ts'
import { type EndEvent, isContent, type QueryEvent, type StartEvent } from '../core/query-event.ts'
import { RealmeshError } from '../core/realmesh-error.ts'

/** What was seen of a run that reached its end. */
export interface RunSeen {
  /** Milliseconds to the first event with content; to the end when there was none. */
  readonly firstMs: number
  readonly totalMs: number
  readonly images: number
  readonly end: EndEvent
}

/** How the run was left: at its end, by an error, or by whoever read it. Told exactly once. */
export type RunClosing =
  | { readonly kind: 'served'; readonly seen: RunSeen }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'left' }

export interface ObservedRunInit {
  readonly start: StartEvent
  /** Begins the engine's run; called at the first pull. */
  readonly begin: () => AsyncIterable<QueryEvent>
  readonly onClosed: (closing: RunClosing) => void
}

export class ObservedRun implements AsyncIterableIterator<QueryEvent> {
  readonly #clock: Clock
  readonly #init: ObservedRunInit
  #inner: AsyncIterator<QueryEvent> | undefined
  #begunAt = 0
  #firstAt: number | undefined
  #images = 0
  #ended = false
  #closed = false

  constructor({ clock }: { readonly clock: Clock }, init: ObservedRunInit) {
    this.#clock = clock
    this.#init = init
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<QueryEvent>> {
    return this.#inner === undefined ? this.#begin() : this.#inner.next().then(this.#observe, this.#fail)
  }

  async return(): Promise<IteratorResult<QueryEvent>> {
    this.#close({ kind: 'left' })
    await this.#inner?.return?.()
    return { done: true, value: undefined }
  }

  async #begin(): Promise<IteratorResult<QueryEvent>> {
    if (this.#closed) return { done: true, value: undefined }
    this.#begunAt = this.#clock.monotonic()
    try {
      this.#inner = this.#init.begin()[Symbol.asyncIterator]()
    } catch (error) {
      return this.#fail(error)
    }
    return { done: false, value: this.#init.start }
  }

  readonly #observe = (result: IteratorResult<QueryEvent>): IteratorResult<QueryEvent> => {
    if (result.done === true) {
      if (!this.#ended) return this.#fail(new RealmeshError('ENGINE_GARBAGE', 'the engine stopped without an end'))
      return result
    }
    const event = result.value
    if (event.kind === 'end') {
      this.#ended = true
      this.#close({ kind: 'served', seen: this.#seen(event) })
    } else if (this.#firstAt === undefined && isContent(event)) this.#firstAt = this.#clock.monotonic()
    if (event.kind === 'image') this.#images += 1
    return result
  }

  readonly #fail = (error: unknown): never => {
    this.#close({ kind: 'failed', error })
    throw error
  }

  #seen(end: EndEvent): RunSeen {
    const now = this.#clock.monotonic()
    const totalMs = now - this.#begunAt
    return { firstMs: (this.#firstAt ?? now) - this.#begunAt, totalMs, images: this.#images, end }
  }

  #close(closing: RunClosing): void {
    if (this.#closed) return
    this.#closed = true
    this.#init.onClosed(closing)
  }
}
