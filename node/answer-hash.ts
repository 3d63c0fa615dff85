/** SHA-256 over an answer while it streams by, for the statement of the node that served it. */
import { createHash, type Hash, hash } from 'node:crypto'
import type { QueryEvent } from '../core/query-event.ts'

/** Text that is kept until the end and hashed at once: a hash object costs more than the hashing of a few kilobytes. */
const KEPT_CHARACTERS = 64 * 1024

export class AnswerHash {
  #text = ''
  #hash: Hash | undefined

  /** Adds what the event carries of the answer: text as UTF-8, arguments of tool calls, bytes of pictures and vectors. */
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

  #flush(): Hash {
    this.#hash ??= createHash('sha256')
    this.#hash.update(this.#text)
    this.#text = ''
    return this.#hash
  }
}
