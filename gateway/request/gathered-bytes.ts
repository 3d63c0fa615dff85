/**
 * Bytes that come in pieces of any size. Clients cut bodies as they like, and a piece of one byte costs a hundred in
 * memory: crumbs are copied together, so that what is held is what came.
 */

/** Pieces of this size and more are kept as they are: what each costs beside its bytes is little. */
const WHOLE_PIECE_BYTES = 4 * 1024

/** Crumbs are copied into blocks of this size: what the socket of a client gives at once at most. */
const BLOCK_BYTES = 64 * 1024

export class GatheredBytes {
  #pieces: Buffer[] = []
  /** Where crumbs go; those from `#begin` to `#end` are no piece yet. */
  #block: Buffer | undefined
  #begin = 0
  #end = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  add(bytes: Buffer): void {
    this.#length += bytes.length
    // Most bodies are one piece, which needs no copy.
    if (bytes.length < WHOLE_PIECE_BYTES && this.#pieces.length > 0) this.#copy(bytes)
    else if (bytes.length > 0) {
      this.#endCrumbs()
      this.#pieces.push(bytes)
    }
  }

  /** All that came; it is not held here any more. */
  take(): Buffer {
    this.#endCrumbs()
    const [only] = this.#pieces
    const whole = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces)
    this.clear()
    return whole
  }

  clear(): void {
    this.#pieces = []
    this.#block = undefined
    this.#begin = 0
    this.#end = 0
    this.#length = 0
  }

  #copy(bytes: Buffer): void {
    if (this.#block === undefined || this.#end + bytes.length > BLOCK_BYTES) {
      this.#endCrumbs()
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#begin = 0
      this.#end = 0
    }
    this.#end += bytes.copy(this.#block, this.#end)
  }

  #endCrumbs(): void {
    if (this.#block !== undefined && this.#end > this.#begin)
      this.#pieces.push(this.#block.subarray(this.#begin, this.#end))
    this.#begin = this.#end
  }
}
