/**
 * One answer for several readers: a query that is submitted again under the same id joins the run that is under way
 * and sees all of it from the start, and its effect happens once. The run is pulled by the fastest reader and stopped
 * when the last one has left.
 */

import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'

export class SharedAnswer {
  readonly #events: QueryEvent[] = []
  /** Until the answer is over: it holds what was asked, and a recording or pictures are larger than most answers. */
  #source: AsyncIterator<QueryEvent> | undefined
  readonly #life = linkedAbort()
  readonly #onOver: () => void
  #pulling: Promise<void> | undefined
  #readers = 0
  #bytes = 0
  #over = false
  #failure: unknown

  /**
   * `run` gets the signal that ends when no reader is left; `onOver` is called once when the answer has ended,
   * however.
   */
  constructor(run: (signal: CancelSignal) => AsyncIterable<QueryEvent>, onOver: () => void) {
    this.#source = run(this.#life.signal)[Symbol.asyncIterator]()
    this.#onOver = onOver
  }

  /** About how much memory the answer takes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether the whole answer is here: it ended with its `end`. */
  get complete(): boolean {
    return this.#over && this.#failure === undefined && this.#events.at(-1)?.kind === 'end'
  }

  /**
   * Whether its last reader left before the end: it is being cancelled, a client that asks now needs a run of its
   * own.
   */
  get abandoned(): boolean {
    return this.#life.signal.aborted && !this.complete
  }

  /** Reads the answer from its start. `signal` makes this reader leave, at once, whatever the source is doing. */
  async *read(signal: CancelSignal): AsyncGenerator<QueryEvent> {
    this.#readers += 1
    let here = true
    const leave = (): void => {
      if (here) this.#leave(signal.reason)
      here = false
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      signal.throwIfAborted()
      for (let next = 0; ; next += 1) {
        while (next >= this.#events.length && !this.#over) await this.#pull()
        const event = this.#events[next]
        if (event === undefined) break
        signal.throwIfAborted()
        yield event
      }
      if (this.#failure !== undefined) throw this.#failure
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  #leave(reason: unknown): void {
    this.#readers -= 1
    if (this.#readers > 0 || this.#over) return
    this.#life.abort(reason)
    // The signal ends a source that works; `return` ends one that waits to be read. What it throws then is the
    // cancellation itself.
    const ended = this.#source?.return?.() ?? Promise.resolve()
    ended.then(
      () => this.#end(),
      () => this.#end(),
    )
  }

  /** One pull serves all readers that wait for the same event. */
  async #pull(): Promise<void> {
    this.#pulling ??= this.#next().finally(() => {
      this.#pulling = undefined
    })
    await this.#pulling
  }

  async #next(): Promise<void> {
    try {
      const result = await this.#source?.next()
      if (result === undefined || result.done === true) this.#end()
      else {
        this.#events.push(result.value)
        this.#bytes += sizeOf(result.value)
      }
    } catch (failure) {
      this.#failure = failure
      this.#end()
    }
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#source = undefined
    this.#life.release()
    this.#onOver()
  }
}

/** What an event takes beside its content. */
const EVENT_BYTES = 100

function sizeOf(event: QueryEvent): number {
  if (event.kind === 'text' || event.kind === 'reasoning') return EVENT_BYTES + event.text.length * 2
  if (event.kind === 'image') return EVENT_BYTES + event.data.byteLength
  if (event.kind === 'embedding') return EVENT_BYTES + event.vector.byteLength
  if (event.kind === 'audio') return EVENT_BYTES + event.data.byteLength
  if (event.kind === 'segment') return EVENT_BYTES + event.text.length * 2 + (event.words?.length ?? 0) * EVENT_BYTES
  if (event.kind === 'tokens') return EVENT_BYTES + (event.ids?.length ?? 0) * 8 + piecesSize(event.pieces ?? [])
  if (event.kind === 'toolCall') return EVENT_BYTES + event.arguments.length * 2
  if (event.kind === 'progress') return EVENT_BYTES + (event.preview?.data.byteLength ?? 0)
  return EVENT_BYTES
}

function piecesSize(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + EVENT_BYTES + byteLength, 0)
}
