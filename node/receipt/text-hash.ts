/** SHA-256 over text and bytes that come in pieces, of any size; nothing is kept but the last few kilobytes. */
import { createHash, type Hash, hash } from 'node:crypto'

/** Text that is kept until the end and hashed at once: a hash object costs more than the hashing of a few kilobytes. */
const KEPT_CHARACTERS = 64 * 1024

export class TextHash {
  #text = ''
  #hash: Hash | undefined
  #textBytes = 0

  /** Whether nothing was added. */
  get empty(): boolean {
    return this.#text === '' && this.#hash === undefined
  }

  /** Adds text, as UTF-8. */
  addText(text: string): void {
    this.#text += text
    if (this.#text.length >= KEPT_CHARACTERS) this.#flush()
  }

  addBytes(bytes: Uint8Array): void {
    this.#flush().update(bytes)
  }

  /** Bytes of the text so far, as UTF-8. */
  get textBytes(): number {
    return this.#textBytes + Buffer.byteLength(this.#text)
  }

  /** Hex. Call it once, at the end. */
  digest(): string {
    return this.#hash === undefined ? hash('sha256', this.#text) : this.#hash.update(this.#text).digest('hex')
  }

  /** Half a surrogate pair at the end waits for the other half: alone it has no UTF-8. */
  #flush(): Hash {
    this.#hash ??= createHash('sha256')
    const last = this.#text.charCodeAt(this.#text.length - 1)
    const end = last >= 0xd800 && last <= 0xdbff ? this.#text.length - 1 : this.#text.length
    const text = this.#text.slice(0, end)
    this.#textBytes += Buffer.byteLength(text)
    this.#hash.update(text)
    this.#text = this.#text.slice(end)
    return this.#hash
  }
}
