/** SHA-256 over an answer while it streams by, for the statement of the node that served it. */
import { createHash, type Hash, hash } from 'node:crypto'
import type { QueryEvent } from '../../core/query/query-event.ts'

/** Text that is kept until the end and hashed at once: a hash object costs more than the hashing of a few kilobytes. */
const KEPT_CHARACTERS = 64 * 1024

export class AnswerHash {
  #text = ''
  #hash: Hash | undefined

  /**
   * Adds what the event carries of the answer: text as UTF-8, arguments of tool calls, bytes of pictures and vectors.
   */
  add(event: QueryEvent): void {
    if (event.kind === 'text' || event.kind === 'reasoning') this.#addText(event.text)
    else if (event.kind === 'toolCall') this.#addText(event.arguments)
    else if (event.kind === 'image') this.#addBytes(event.data)
    else if (event.kind === 'embedding') {
      const { buffer, byteOffset, byteLength } = event.vector
      this.#addBytes(new Uint8Array(buffer, byteOffset, byteLength))
    }
  }

  /** Hex. Call it once, at the end. */
  digest(): string {
    return this.#hash === undefined ? hash('sha256', this.#text) : this.#hash.update(this.#text).digest('hex')
  }

  #addText(text: string): void {
    this.#text += text
    if (this.#text.length >= KEPT_CHARACTERS) this.#flush()
  }

  #addBytes(bytes: Uint8Array): void {
    this.#flush().update(bytes)
  }

  /** Half a surrogate pair at the end waits for the other half: alone it has no UTF-8. */
  #flush(): Hash {
    this.#hash ??= createHash('sha256')
    const last = this.#text.charCodeAt(this.#text.length - 1)
    const end = last >= 0xd800 && last <= 0xdbff ? this.#text.length - 1 : this.#text.length
    this.#hash.update(this.#text.slice(0, end))
    this.#text = this.#text.slice(end)
    return this.#hash
  }
}
