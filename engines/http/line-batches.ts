/**
 * Cuts what a socket delivers into batches of whole lines. A line feed is never part of a longer UTF-8 character, so
 * cutting bytes is safe.
 */
import { garbage } from './http-errors.ts'

/** Longest single line that an engine may send: a tool call with a file in it fits, an endless line does not. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

export class LineBatches {
  readonly #engine: string
  readonly #maxLineBytes: number
  #rest: Buffer[] = []
  #restBytes = 0

  constructor(init: { readonly engine: string; readonly maxLineBytes?: number }) {
    this.#engine = init.engine
    this.#maxLineBytes = init.maxLineBytes ?? MAX_LINE_BYTES
  }

  /**
   * The whole lines that are complete now, with their line ends; empty when none is. Throws `ENGINE_GARBAGE` for an
   * endless line.
   */
  push(chunk: Buffer): string {
    const end = endOfLines(chunk)
    if (end === 0) {
      this.#keep(chunk)
      return ''
    }
    const whole = this.#restBytes === 0 ? chunk.toString('utf8', 0, end) : this.#withRest(chunk.subarray(0, end))
    if (end < chunk.length) this.#keep(chunk.subarray(end))
    return whole
  }

  /** What came after the last line feed. */
  flush(): string {
    return this.#withRest(Buffer.alloc(0))
  }

  #keep(piece: Buffer): void {
    this.#rest.push(piece)
    this.#restBytes += piece.length
    if (this.#restBytes > this.#maxLineBytes) {
      throw garbage(this.#engine, `a line of more than ${this.#maxLineBytes} bytes`)
    }
  }

  #withRest(piece: Buffer): string {
    const text = Buffer.concat([...this.#rest, piece]).toString('utf8')
    this.#rest = []
    this.#restBytes = 0
    return text
  }
}

/** The place behind the last whole line. A carriage return at the very end may be half of a line end. */
function endOfLines(chunk: Buffer): number {
  const end = chunk.lastIndexOf(LINE_FEED) + 1
  if (end === chunk.length) return end
  return Math.max(end, chunk.subarray(end, -1).lastIndexOf(CARRIAGE_RETURN) + 1 + end)
}
