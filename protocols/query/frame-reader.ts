/**
 * Frames off a stream, pulled: the peer is paused while too much waits to be taken. A length is checked before anything is kept for
 * it. Iterating a libp2p stream would queue without bound (facts of the stack are in README.md).
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_FRAME_BYTES, READ_HIGH_BYTES, READ_LOW_BYTES } from './constants.ts'
import { MAX_LENGTH_BYTES } from './frame.ts'

export interface FrameReaderInit {
  /** Called whenever bytes arrived, before anything is done with them. */
  onBytes?: () => void
}

export class FrameReader {
  readonly #stream: Stream
  readonly #onBytes: (() => void) | undefined
  /** Whole frames that wait; `#head` is the index of the next, so that taking one moves nothing. */
  #frames: Uint8Array[] = []
  #head = 0
  #queuedBytes = 0
  /** The start of a frame whose rest has not come. */
  readonly #partial = new Uint8ArrayList()
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(components: { readonly stream: Stream }, init: FrameReaderInit = {}) {
    this.#stream = components.stream
    this.#onBytes = init.onBytes
    this.#ended = this.#stream.readableEnded
    this.#stream.addEventListener('message', this.#onMessage)
    this.#stream.addEventListener('end', this.#onEnd)
    this.#stream.addEventListener('close', this.#onClose)
  }

  /** The next frame if one waits. Throws what the stream died of, once the frames before it are taken. */
  take(): Uint8Array | undefined {
    const frame = this.#frames[this.#head]
    if (frame === undefined) {
      if (this.#error !== undefined) throw this.#error
      return undefined
    }
    this.#head += 1
    this.#queuedBytes -= frame.byteLength
    if (this.#head === this.#frames.length) {
      this.#frames = []
      this.#head = 0
    }
    if (this.#queuedBytes < READ_LOW_BYTES && this.#stream.readStatus === 'paused') this.#stream.resume()
    return frame
  }

  /** Whether the peer will send nothing more and all it sent is taken. */
  get ended(): boolean {
    return this.#ended && this.#head === this.#frames.length
  }

  /** Whether something arrived that nobody took, be it a part of a frame. */
  get hasUnread(): boolean {
    return this.#head < this.#frames.length || this.#partial.byteLength > 0
  }

  /** Resolves when `take` or `ended` may tell something new. For one caller at a time. */
  wait(): Promise<void> {
    if (this.#head < this.#frames.length || this.#ended || this.#error !== undefined) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Ends the reading with `error`: who waits is woken, and frames that were not taken are dropped. The first error stays. */
  fail(error: Error): void {
    this.#error ??= error
    this.#frames = []
    this.#head = 0
    this.#queuedBytes = 0
    this.#wakeUp()
  }

  /** Takes the listeners off the stream. */
  close(): void {
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onClose)
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#onBytes?.()
    try {
      this.#split(event.data)
    } catch (error) {
      this.fail(error as Error)
      this.#stream.abort(error as Error)
      return
    }
    if (this.#queuedBytes >= READ_HIGH_BYTES && this.#stream.readStatus === 'readable') this.#stream.pause()
    if (this.#head < this.#frames.length) this.#wakeUp()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wakeUp()
  }

  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#ended = true
    if (event.error !== undefined) this.fail(event.error)
    else this.#wakeUp()
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  /** Cuts what arrived into frames. The usual case, whole frames in one piece of memory, copies nothing. */
  #split(data: Uint8Array | Uint8ArrayList): void {
    if (this.#partial.byteLength > 0) {
      this.#partial.append(data)
      this.#splitPartial()
      return
    }
    const bytes = data.subarray()
    let at = 0
    for (;;) {
      const frame = frameAt(bytes, at)
      if (frame === undefined) break
      this.#push(bytes.subarray(frame.start, frame.end))
      at = frame.end
    }
    if (at < bytes.byteLength) this.#partial.append(bytes.subarray(at))
  }

  #splitPartial(): void {
    for (;;) {
      const frame = frameAt(this.#partial, 0)
      if (frame === undefined) return
      this.#push(this.#partial.subarray(frame.start, frame.end))
      this.#partial.consume(frame.end)
    }
  }

  #push(frame: Uint8Array): void {
    this.#frames.push(frame)
    this.#queuedBytes += frame.byteLength
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Where the frame that begins at `at` lies; undefined while it is not complete. Throws as soon as the length is out of bounds. */
function frameAt(bytes: Uint8Array | Uint8ArrayList, at: number): Span | undefined {
  let length = 0
  for (let i = 0; i < MAX_LENGTH_BYTES; i += 1) {
    if (at + i >= bytes.byteLength) return undefined
    const byte = byteAt(bytes, at + i)
    length |= (byte & 0x7f) << (7 * i)
    if (byte >= 0x80) continue
    if (length > MAX_FRAME_BYTES) break
    if (length === 0) throw outOfBounds('an empty frame')
    const start = at + i + 1
    return start + length <= bytes.byteLength ? { start, end: start + length } : undefined
  }
  throw outOfBounds(`a frame of more than ${MAX_FRAME_BYTES} bytes`)
}

function byteAt(bytes: Uint8Array | Uint8ArrayList, at: number): number {
  return (bytes instanceof Uint8Array ? bytes[at] : bytes.get(at)) ?? 0
}

function outOfBounds(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the peer announced ${what}`)
}
