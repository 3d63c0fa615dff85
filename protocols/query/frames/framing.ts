/**
 * Frames on a stream: each is its length as an unsigned varint, then that many bytes. Written whole, when the stream
 * takes them; cut out of the bytes as they arrive, where a length is judged before anything is kept for it.
 */
import { Uint8ArrayList } from 'uint8arraylist'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { MAX_FRAME_BYTES } from '../constants.ts'
import type { LaneStream } from '../link.ts'

/** Bytes of the longest length that is accepted: three hold 2 MiB, far above the longest frame. */
const MAX_LENGTH_BYTES = 3

/** `payload` with its length before it, in one piece of memory, so that it leaves in one write. */
export function framed(payload: Uint8Array): Uint8Array {
  const { byteLength } = payload
  const prefix = byteLength < 0x80 ? 1 : byteLength < 0x4000 ? 2 : 3
  const frame = Buffer.allocUnsafe(prefix + byteLength)
  let rest = byteLength
  for (let i = 0; i < prefix - 1; i += 1) {
    frame[i] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  frame[prefix - 1] = rest
  frame.set(payload, prefix)
  return frame
}

/**
 * Resolves when `stream` takes more; rejects when it is closed first. Use: `if (!stream.send(frame)) await
 * writable(stream)`. A loop over the `drain` event, because `stream.onDrain()` keeps its first promise and never waits
 * again.
 */
export async function writable(stream: LaneStream): Promise<void> {
  while (stream.writableNeedsDrain) {
    if (stream.status !== 'open') throw new Error(`the stream is ${stream.status}`)
    await new Promise<void>((resolve, reject) => {
      const release = (): void => {
        stream.removeEventListener('drain', drained)
        stream.removeEventListener('close', closed)
      }
      const drained = (): void => {
        release()
        resolve()
      }
      const closed = (event: Event & { error?: Error }): void => {
        release()
        reject(event.error ?? new Error('the stream closed before it took all'))
      }
      stream.addEventListener('drain', drained)
      stream.addEventListener('close', closed)
    })
  }
}

/** Cuts bytes as they arrive into frames. */
export class FrameSplitter {
  /** The start of a frame whose rest has not come: shorter than the longest frame with its length. */
  readonly #partial = new Uint8ArrayList()

  /** Bytes of a frame that is not complete. */
  get partialBytes(): number {
    return this.#partial.byteLength
  }

  /**
   * Calls `onFrame` for every frame that is complete now. Throws `PROTOCOL_ERROR` on a length out of bounds; it is of
   * no use then.
   */
  push(data: Uint8Array | Uint8ArrayList, onFrame: (frame: Uint8Array) => void): void {
    if (this.#partial.byteLength > 0) {
      this.#partial.append(data)
      this.#splitPartial(onFrame)
    } else this.#splitWhole(data.subarray(), onFrame)
  }

  /** The usual case: whole frames in one piece of memory, of which nothing is copied. */
  #splitWhole(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    let at = 0
    for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
      onFrame(bytes.subarray(frame.start, frame.end))
      at = frame.end
    }
    if (at < bytes.byteLength) this.#partial.append(bytes.subarray(at))
  }

  #splitPartial(onFrame: (frame: Uint8Array) => void): void {
    for (let frame = frameAt(this.#partial, 0); frame !== undefined; frame = frameAt(this.#partial, 0)) {
      onFrame(this.#partial.subarray(frame.start, frame.end))
      this.#partial.consume(frame.end)
    }
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Where the frame that begins at `at` lies; undefined while it is not complete. Throws as soon as its length is out of
 * bounds.
 */
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
