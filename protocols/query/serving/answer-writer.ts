/**
 * Writes one answer onto a lane. What becomes ready within one turn of the event loop leaves as one frame in one write:
 * the cost is per write, not per token.
 */
import type { EndEvent, QueryEvent } from '../../../core/query/query-event.ts'
import { TARGET_EVENTS_PER_FRAME, TARGET_FRAME_BYTES } from '../constants.ts'
import { encodeAnswer } from '../frames/answer-codec.ts'
import { type SizedWireEvent, wholeWireEvent, wireEvents } from '../frames/event-encoder.ts'
import { writable } from '../frames/framing.ts'
import type { Failure, WireEvent } from '../frames/messages.ts'
import type { LaneStream } from '../link.ts'

export interface AnswerWriterComponents {
  readonly stream: LaneStream
  /** The node's load, encoded; asked for when a frame that carries it leaves. */
  readonly load: () => Uint8Array<ArrayBuffer>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

export interface AnswerWriterInit {
  /** The query's number on this lane. */
  readonly number: number
}

export class AnswerWriter {
  readonly #stream: LaneStream
  readonly #load: () => Uint8Array<ArrayBuffer>
  readonly #now: () => number
  readonly #number: number
  #events: WireEvent[] = []
  #bytes = 0
  /** Whether the next frame carries the load. */
  #loadDue = false
  #failure: Failure | undefined
  #finished = false
  #scheduled: NodeJS.Immediate | undefined
  #sentAt: number

  constructor(components: AnswerWriterComponents, init: AnswerWriterInit) {
    this.#stream = components.stream
    this.#load = components.load
    this.#now = components.now
    this.#number = init.number
    this.#sentAt = components.now()
  }

  /**
   * Promises a first frame in this turn, with or without events: the asker learns the load and measures the round trip.
   */
  begin(): void {
    this.#loadDue = true
    this.#schedule()
  }

  /**
   * Takes one event. What is returned must be awaited before the next: the asker, or the way to it, is slower than we
   * are.
   */
  write(event: QueryEvent): Promise<void> | undefined {
    const whole = wholeWireEvent(event)
    if (whole === undefined) return this.#writeParts(event)
    this.#add(whole)
    return this.#stream.writableNeedsDrain ? writable(this.#stream) : undefined
  }

  /**
   * Sends what is there, the end and the load as the last frame of the answer, at once and whether or not the stream is
   * full.
   */
  end(event: EndEvent): void {
    for (const part of wireEvents(event)) this.#events.push(part.wire)
    this.finish()
  }

  /** Sends what is there, with the load, as the last frame of the answer. */
  finish(failure?: Failure): void {
    this.#loadDue = true
    this.#failure = failure
    this.#finished = true
    this.flush()
  }

  /**
   * Says that we live if nothing was sent for `quietMs`. Not while the stream is full: then bytes are on their way. Not
   * behind the end: the asker would take it for an answer to its next query.
   */
  keepAlive(quietMs: number): void {
    if (this.#finished) return
    if (this.#now() - this.#sentAt >= quietMs && !this.#stream.writableNeedsDrain) this.flush()
  }

  /** For how many milliseconds the stream has taken nothing; 0 when it would take something. */
  get stalledMs(): number {
    return this.#stream.writableNeedsDrain ? this.#now() - this.#sentAt : 0
  }

  /** Drops what was not sent. */
  dispose(): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    this.#events = []
  }

  async #writeParts(event: QueryEvent): Promise<void> {
    for (const part of wireEvents(event)) {
      this.#add(part)
      if (this.#stream.writableNeedsDrain) await writable(this.#stream)
    }
  }

  #add({ wire, bytes }: SizedWireEvent): void {
    const full = this.#bytes + bytes > TARGET_FRAME_BYTES || this.#events.length >= TARGET_EVENTS_PER_FRAME
    if (this.#bytes > 0 && full) this.flush()
    this.#events.push(wire)
    this.#bytes += bytes
    this.#schedule()
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(this.flush)
  }

  /**
   * Sends what is there, be it nothing. A stream that died meanwhile has told its lane already: none is left to tell.
   */
  readonly flush = (): void => {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    if (this.#stream.status !== 'open' || this.#stream.writeStatus !== 'writable') return
    const frame = encodeAnswer({
      number: this.#number,
      events: this.#events,
      ...(this.#loadDue ? { load: this.#load() } : {}),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    })
    this.#events = []
    this.#bytes = 0
    this.#loadDue = false
    this.#sentAt = this.#now()
    try {
      this.#stream.send(frame)
    } catch (error) {
      this.#stream.abort(error as Error)
    }
  }
}
