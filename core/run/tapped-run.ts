/**
 * A run that is watched while it goes by: the shape of every box on a query's path that neither waits nor tries again. Written as an
 * iterator by hand because it stands on the path of every token: one promise per event, where a generator needs three.
 */
import type { QueryEvent } from '../query/query-event.ts'

/** What is done beside the events. `R` is what the iteration returns at its end, for those who read it by `yield*`. */
export interface Tap<R = void> {
  /** Goes before all events of the run, and is not shown to `onEvent`. */
  readonly first?: QueryEvent
  /** Sees an event on its way up; what it returns goes on in its place. What it throws fails the run. */
  readonly onEvent: (event: QueryEvent) => QueryEvent
  /** The run is over without an error: its result. May throw. @default undefined */
  readonly onDone?: () => R
  /** The run failed: throws, the same or a better error, or returns a result, which ends the run quietly. @default throws the same */
  readonly onError?: (error: unknown) => R
  /** Exactly once for a run that was begun, after anything else: it ended, failed, or its reader left. */
  readonly onClosed: () => void
}

/** `begin` is called at the first pull: who never reads has started nothing. */
export function tappedRun<R = void>(
  begin: () => AsyncIterable<QueryEvent>,
  tap: Tap<R>,
): AsyncGenerator<QueryEvent, R | undefined> {
  return new TappedRun(begin, tap)
}

class TappedRun<R> implements AsyncGenerator<QueryEvent, R | undefined> {
  readonly #begin: () => AsyncIterable<QueryEvent>
  readonly #tap: Tap<R>
  #inner: AsyncIterator<QueryEvent> | undefined
  #begun = false
  #closed = false

  constructor(begin: () => AsyncIterable<QueryEvent>, tap: Tap<R>) {
    this.#begin = begin
    this.#tap = tap
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<QueryEvent, R | undefined>> {
    if (this.#inner !== undefined) return this.#inner.next().then(this.#onResult, this.#onFailure)
    return this.#closed ? Promise.resolve(OVER) : this.#start()
  }

  async return(): Promise<IteratorResult<QueryEvent, R | undefined>> {
    try {
      await this.#inner?.return?.()
    } finally {
      this.#close()
    }
    return OVER
  }

  async throw(error: unknown): Promise<IteratorResult<QueryEvent, R | undefined>> {
    await this.return()
    throw error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #start(): Promise<IteratorResult<QueryEvent, R | undefined>> {
    const { first } = this.#tap
    this.#begun = true
    try {
      this.#inner = this.#begin()[Symbol.asyncIterator]()
    } catch (error) {
      return this.#onFailure(error)
    }
    return first === undefined ? await this.next() : { done: false, value: first }
  }

  readonly #onResult = (
    result: IteratorResult<QueryEvent>,
  ): IteratorResult<QueryEvent, R | undefined> | Promise<IteratorResult<QueryEvent, R | undefined>> => {
    if (this.#closed) return OVER
    try {
      if (result.done === true) return this.#over(this.#tap.onDone?.())
      const event = this.#tap.onEvent(result.value)
      return event === result.value ? result : { done: false, value: event }
    } catch (error) {
      return this.#abandon(error)
    }
  }

  readonly #onFailure = (error: unknown): IteratorResult<QueryEvent, R | undefined> => {
    if (this.#closed) throw error
    try {
      if (this.#tap.onError === undefined) throw error
      return this.#over(this.#tap.onError(error))
    } finally {
      this.#close()
    }
  }

  /** What the tap threw fails the run, which knows nothing of it yet. */
  async #abandon(error: unknown): Promise<IteratorResult<QueryEvent, R | undefined>> {
    // Its own failure while it is being left says less than why it is left.
    await this.#inner?.return?.().catch(() => {})
    return this.#onFailure(error)
  }

  #over(value: R | undefined): IteratorResult<QueryEvent, R | undefined> {
    this.#close()
    return { done: true, value }
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#begun) this.#tap.onClosed()
  }
}

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined }
