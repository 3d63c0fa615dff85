/**
 * Frames off a stream, pulled: the peer is paused while too much waits to be taken. Iterating a libp2p stream would
 * queue without bound instead.
 */
import type { StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { PullQueue } from '../../../core/run/pull-queue.ts'
import { READ_HIGH_BYTES, READ_LOW_BYTES } from '../constants.ts'
import type { LaneStream } from '../link.ts'
import { updateWindowByHalves } from '../window-updates.ts'
import { FrameSplitter } from './framing.ts'

export interface FrameReaderInit {
  /** Called whenever bytes arrived, before anything is done with them. */
  onBytes?: () => void
}

export class FrameReader {
  readonly #stream: LaneStream
  readonly #onBytes: (() => void) | undefined
  readonly #frames = new PullQueue<Uint8Array>()
  readonly #splitter = new FrameSplitter()
  #queuedBytes = 0
  /** Given up by us: nothing more is taken in. */
  #failed = false
  #resuming = false

  constructor(components: { readonly stream: LaneStream }, init: FrameReaderInit = {}) {
    this.#stream = components.stream
    this.#onBytes = init.onBytes
    if (this.#stream.readableEnded) this.#frames.end()
    updateWindowByHalves(this.#stream)
    this.#stream.addEventListener('message', this.#onMessage)
    this.#stream.addEventListener('end', this.#onEnd)
    this.#stream.addEventListener('close', this.#onClose)
  }

  /** The next frame if one waits. Throws what the stream died of, once the frames before it are taken. */
  take(): Uint8Array | undefined {
    const frame = this.#frames.take()
    if (frame === undefined) return undefined
    this.#queuedBytes -= frame.byteLength
    if (this.#queuedBytes < READ_LOW_BYTES && this.#stream.readStatus === 'paused') this.#resume()
    return frame
  }

  /** Whether the peer will send nothing more and all it sent is taken. */
  get ended(): boolean {
    return this.#frames.ended
  }

  /** What the stream, or the reading, died of. */
  get error(): Error | undefined {
    return this.#frames.error
  }

  /** Whether a whole frame waits to be taken. */
  get hasFrame(): boolean {
    return this.#frames.size > 0
  }

  /** Whether something arrived that was not taken, be it a part of a frame. */
  get hasUnread(): boolean {
    return this.#frames.size > 0 || this.#splitter.partialBytes > 0
  }

  /** Resolves when `take` or `ended` may tell something new. For one caller at a time. */
  wait(): Promise<void> {
    return this.#frames.wait()
  }

  /**
   * Ends the reading with `error`: the waiting caller is woken, and frames that were not taken are dropped. The first
   * error stays.
   */
  fail(error: Error): void {
    this.#failed = true
    this.#queuedBytes = 0
    this.#frames.fail(error)
  }

  /** Takes the listeners off the stream. */
  close(): void {
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onClose)
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#onBytes?.()
    if (this.#failed) return
    try {
      this.#splitter.push(event.data, this.#push)
    } catch (error) {
      this.fail(error as Error)
      this.#stream.abort(error as Error)
      return
    }
    if (!this.#resuming) this.#pauseWhenFull()
  }

  /** Hands over at once what arrived meanwhile: a pause within that would be undone when `resume` returns. */
  #resume(): void {
    this.#resuming = true
    this.#stream.resume()
    this.#resuming = false
    this.#pauseWhenFull()
  }

  #pauseWhenFull(): void {
    if (this.#queuedBytes >= READ_HIGH_BYTES && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  readonly #onEnd = (): void => {
    this.#frames.end()
  }

  /** What arrived before the stream broke is still good: it may hold the end. */
  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#frames.end(event.error)
  }

  readonly #push = (frame: Uint8Array): void => {
    this.#frames.push(frame)
    this.#queuedBytes += frame.byteLength
  }
}
