/**
 * Reads the headers of yamux frames as they arrive, and nothing else: how many streams are opened, and how many frames
 * carry no data. The muxer answers each of them, and keeps a frame until it is complete however long it claims to be.
 */
import type { Bytes } from './in-turns.ts'
import { piecesOf } from './message-counter.ts'

const HEADER_BYTES = 12
const TYPE_AT = 1
const FLAGS_AT = 3
const LENGTH_AT = 8
const DATA = 0
const PING = 2
/** Flag of a frame that opens a stream; of a ping, that it wants an answer. */
const SYN = 1

export interface CountedFrames {
  /** Streams that the bytes open. */
  readonly streams: number
  /** Frames without data. */
  readonly empty: number
  /** A frame claims to be longer than any window. */
  readonly tooLong: boolean
  /** Up to the end of the frame that opened the last stream that is let through, or all. */
  readonly bytes: number
}

export interface FrameCounterInit {
  /** Longest data of one frame, bytes: the window that a stream is given. */
  readonly maxDataBytes: number
}

export class FrameCounter {
  readonly #maxDataBytes: number
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerBytes = 0
  /** Bytes of data that have not come. */
  #left = 0
  #streams = 0
  #empty = 0
  #tooLong = false

  constructor(init: FrameCounterInit) {
    this.#maxDataBytes = init.maxDataBytes
  }

  /** Reads on in `data` until `mostStreams` are opened, at the least one frame. */
  count(data: Bytes, mostStreams = Number.POSITIVE_INFINITY): CountedFrames {
    this.#streams = 0
    this.#empty = 0
    this.#tooLong = false
    let bytes = 0
    for (const piece of piecesOf(data)) {
      for (let at = 0; at < piece.byteLength; ) {
        const opened = this.#streams
        at += this.#take(piece, at)
        if (this.#streams > opened && this.#streams >= mostStreams) return this.#counted(bytes + at)
      }
      bytes += piece.byteLength
    }
    return this.#counted(bytes)
  }

  #counted(bytes: number): CountedFrames {
    return { streams: this.#streams, empty: this.#empty, tooLong: this.#tooLong, bytes }
  }

  /** Takes what belongs together from `at` on; returns its bytes. */
  #take(piece: Uint8Array, at: number): number {
    const there = piece.byteLength - at
    if (this.#left > 0) {
      const skipped = Math.min(this.#left, there)
      this.#left -= skipped
      return skipped
    }
    const taken = Math.min(HEADER_BYTES - this.#headerBytes, there)
    this.#header.set(piece.subarray(at, at + taken), this.#headerBytes)
    this.#headerBytes += taken
    if (this.#headerBytes === HEADER_BYTES) this.#takeHeader()
    return taken
  }

  #takeHeader(): void {
    this.#headerBytes = 0
    const type = this.#header[TYPE_AT]
    const length = this.#header.readUInt32BE(LENGTH_AT)
    if (type !== PING && ((this.#header[FLAGS_AT] ?? 0) & SYN) !== 0) this.#streams += 1
    if (type === DATA && length > 0) {
      this.#left = length
      this.#tooLong ||= length > this.#maxDataBytes
    } else this.#empty += 1
  }
}
