/**
 * One box on a query's path: it passes on the events of the run below it, and when that run is over it may go on with
 * another. Written as an iterator by hand because it stands on the path of every token: one promise per event, where a
 * generator needs three.
 */
import type { QueryEvent } from '../query/query-event.ts'

/** A run to read from; a promise of one where something has to happen first. */
export type Source = AsyncIterable<QueryEvent> | Promise<AsyncIterable<QueryEvent>>

/** What a box does with its run. What `begin`, `onEvent` and `onDone` throw fails the run. */
export interface Relay {
  /** Goes before all events of the run, and is not shown to `onEvent`. */
  readonly first?: QueryEvent
  /** The run to read from. Called at the first pull: a query that is not read starts nothing. */
  begin(): Source
  /** Sees an event on its way up. What it returns goes on in its place; undefined: nothing does. */
  onEvent(event: QueryEvent): QueryEvent | undefined
  /** The run is over without an error: another one goes on behind it; undefined: that was all. @default that was all */
  onDone?(): Source | undefined
  /**
   * The run failed: another one goes on in its place, undefined ends quietly, and what it throws is what the reader
   * gets.
   * @default throws `error`
   */
  onError?(error: unknown): Source | undefined
  /** Exactly once, after anything else, when `begin` was called: it ended, failed, or its reader left. */
  onClosed(): void
}

/** The events of `relay`. Pull one at a time. */
export function relayedRun(relay: Relay): AsyncGenerator<QueryEvent, void> {
  return new RelayedRun(relay)
}

type RelayResult = IteratorResult<QueryEvent, void>

const OVER: RelayResult = { done: true, value: undefined }

class RelayedRun implements AsyncGenerator<QueryEvent, void> {
  readonly #relay: Relay
  #first: QueryEvent | undefined
  #inner: AsyncIterator<QueryEvent> | undefined
  #begun = false
  #closed = false

  constructor(relay: Relay) {
    this.#relay = relay
    this.#first = relay.first
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<RelayResult> {
    if (this.#inner !== undefined) return this.#inner.next().then(this.#onResult, this.#onFailure)
    if (this.#closed) return Promise.resolve(OVER)
    this.#begun = true
    return this.#follow(() => this.#relay.begin())
  }

  /** The reader leaves: what is below is let go first. */
  async return(): Promise<RelayResult> {
    try {
      await this.#inner?.return?.()
    } finally {
      this.#close()
    }
    return OVER
  }

  async throw(error: unknown): Promise<RelayResult> {
    await this.return()
    throw error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  readonly #onResult = (result: IteratorResult<QueryEvent>): RelayResult | Promise<RelayResult> => {
    if (this.#closed) return OVER
    if (result.done === true) return this.#follow(() => this.#relay.onDone?.())
    let event: QueryEvent | undefined
    try {
      event = this.#relay.onEvent(result.value)
    } catch (error) {
      return this.#abandon(error)
    }
    if (event === result.value) return result
    return event === undefined ? this.next() : { done: false, value: event }
  }

  readonly #onFailure = (error: unknown): Promise<RelayResult> => {
    if (this.#closed || this.#relay.onError === undefined) return this.#fail(error)
    try {
      const source = this.#relay.onError(error)
      return source instanceof Promise ? source.then(this.#enter, this.#fail) : this.#enter(source)
    } catch (final) {
      return this.#fail(final)
    }
  }

  /** Reads on from what `choose` gives. What it throws fails the run. */
  #follow(choose: () => Source | undefined): Promise<RelayResult> {
    try {
      const source = choose()
      return source instanceof Promise ? source.then(this.#enter, this.#onFailure) : this.#enter(source)
    } catch (error) {
      return this.#onFailure(error)
    }
  }

  readonly #enter = (run: AsyncIterable<QueryEvent> | undefined): Promise<RelayResult> => {
    if (this.#closed) return Promise.resolve(OVER) // the reader left while this was being chosen
    if (run === undefined) {
      this.#close()
      return Promise.resolve(OVER)
    }
    this.#inner = run[Symbol.asyncIterator]()
    const first = this.#first
    if (first === undefined) return this.next()
    this.#first = undefined
    return Promise.resolve({ done: false, value: first })
  }

  /** What the relay threw fails the run, which knows nothing of it yet. */
  async #abandon(error: unknown): Promise<RelayResult> {
    // Its own failure while it is being left says less than why it is left.
    await this.#inner?.return?.().catch(() => {})
    return this.#onFailure(error)
  }

  readonly #fail = (error: unknown): Promise<RelayResult> => {
    this.#close()
    return Promise.reject(error)
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#begun) this.#relay.onClosed()
  }
}
