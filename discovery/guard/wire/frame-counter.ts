/**
 * Reads the headers of yamux frames as they arrive, and nothing else: how many streams are opened, and how many frames
 * carry little or no data. Each costs the muxer the same, and it keeps a frame until it is complete however long it
 * claims to be.
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
  /** Frames with little or no data. */
  readonly small: number
  /** A frame claims to be longer than any window. */
  readonly tooLong: boolean
  /** What they cost, at most one stream more than was wanted. */
  readonly cost: number
  /** Up to the end of the last frame that was counted, or all. */
  readonly bytes: number
}

/** Data of a frame that is worth its header: the rest of the frames are bounded by their bytes. */
const SMALL_BYTES = 64
/** What a frame that opens a stream costs: what is asked on it takes as long as handling so many frames. */
export const STREAM_COST = 32

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
  #small = 0
  #cost = 0
  #tooLong = false

  constructor(init: FrameCounterInit) {
    this.#maxDataBytes = init.maxDataBytes
  }

  /** Reads on in `data` until `most` is spent: a frame costs one, one that opens a stream STREAM_COST. */
  count(data: Bytes, most = Number.POSITIVE_INFINITY): CountedFrames {
    this.#streams = 0
    this.#small = 0
    this.#cost = 0
    this.#tooLong = false
    let bytes = 0
    for (const piece of piecesOf(data)) {
      for (let at = 0; at < piece.byteLength; ) {
        if (this.#left === 0 && this.#cost >= most) return this.#counted(bytes + at)
        at += this.#take(piece, at)
      }
      bytes += piece.byteLength
    }
    return this.#counted(bytes)
  }

  #counted(bytes: number): CountedFrames {
    return { streams: this.#streams, small: this.#small, cost: this.#cost, tooLong: this.#tooLong, bytes }
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
    const opens = type !== PING && ((this.#header[FLAGS_AT] ?? 0) & SYN) !== 0
    const dataBytes = type === DATA ? length : 0
    this.#left = dataBytes
    this.#tooLong ||= dataBytes > this.#maxDataBytes
    if (dataBytes < SMALL_BYTES) this.#small += 1
    if (opens) this.#streams += 1
    this.#cost += opens ? STREAM_COST : 1
  }
}
