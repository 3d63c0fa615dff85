/**
 * Counts what comes over a stream without keeping any of it: messages that carry their length before them, as libp2p's
 * protocols do.
 */
import type { Bytes } from './in-turns.ts'

/** Bytes of the longest length that is sound; a longer one is for the protocol itself to refuse. */
const MAX_LENGTH_BYTES = 8

/** Pieces of memory, in order, none of them copied. */
export function piecesOf(data: Bytes): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : data
}

export interface Counted {
  /** Messages that begin in the bytes. */
  readonly begun: number
  /** Up to the beginning of the first message too many, or all. */
  readonly bytes: number
}

export interface MessageCounterInit {
  /** Bytes of the longest message. @default any length is taken */
  readonly longestBytes?: number | undefined
}

export class MessageCounter {
  readonly #longestBytes: number
  #tooLong = false
  /** Bytes of the message under way that have not come. */
  #left = 0
  /** The length under way, and its bytes so far. */
  #length = 0
  #lengthBytes = 0

  constructor({ longestBytes = Number.POSITIVE_INFINITY }: MessageCounterInit = {}) {
    this.#longestBytes = longestBytes
  }

  /** Whether a message came that is longer than any may be. */
  get tooLong(): boolean {
    return this.#tooLong
  }

  /** Reads on in `data` until more than `most` messages have begun. */
  count(data: Bytes, most = Number.POSITIVE_INFINITY): Counted {
    let begun = 0
    let bytes = 0
    for (const piece of piecesOf(data)) {
      for (let at = 0; at < piece.byteLength; ) {
        const between = this.#left === 0 && this.#lengthBytes === 0
        if (between && begun >= most) return { begun, bytes: bytes + at }
        if (between) begun += 1
        at += this.#take(piece, at)
      }
      bytes += piece.byteLength
    }
    return { begun, bytes }
  }

  /** Takes what belongs together from `at` on; returns its bytes. */
  #take(piece: Uint8Array, at: number): number {
    if (this.#left > 0) {
      const skipped = Math.min(this.#left, piece.byteLength - at)
      this.#left -= skipped
      return skipped
    }
    const byte = piece[at] ?? 0
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes)
    this.#lengthBytes += 1
    if (byte < 0x80 || this.#lengthBytes === MAX_LENGTH_BYTES) {
      this.#left = this.#length
      this.#tooLong ||= this.#length > this.#longestBytes
      this.#length = 0
      this.#lengthBytes = 0
    }
    return 1
  }
}
