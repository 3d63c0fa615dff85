/**
 * The hashes of an answer while it streams by: of all of it, and of each 64 tokens, so that an audit which computes the
 * answer again can tell where it begins to differ. Both ends of the wire make the same of the same events.
 */
import type { QueryEvent } from '../../core/query/query-event.ts'
import { believedTokens } from '../../core/query/seen-tokens.ts'
import { TextHash } from './text-hash.ts'

/** Tokens behind which a piece ends, where an event does. */
export const TOKENS_PER_PIECE = 64

/** Pieces that are hashed, 4,096 tokens: what differs from another answer does so from its first difference on. */
export const MAX_HASHED_PIECES = 64

/** Hexadecimal digits of a piece's hash: it finds a place; that nothing was changed is proved by the hash of all. */
export const PIECE_HASH_DIGITS = 16

export interface HashedAnswer {
  /** SHA-256 of all that was sent, hex. */
  readonly answerHash: string
  /** The beginnings of the pieces' SHA-256, one behind the other, hex. */
  readonly pieceHashes: string
  /** Bytes of text, as UTF-8. */
  readonly textBytes: number
}

/** Every platform that Node 20 runs on here is little-endian, like the wire. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

export class AnswerHash {
  readonly #whole = new TextHash()
  #piece = new TextHash()
  #pieceTokens = 0
  /** Tokens that came without text: they count with the next, as on the wire. */
  #unseen = 0
  #pieceHashes = ''

  /**
   * Adds what the event carries of the answer: text as UTF-8, arguments of tool calls, bytes of pictures, speech and
   * vectors, numbers as the wire carries them.
   */
  add(event: QueryEvent): void {
    if (event.kind === 'text' || event.kind === 'reasoning') this.#addSaid(event.text, event.tokens ?? 1)
    else if (event.kind === 'toolCall') this.#addText(event.arguments, 0)
    else if (event.kind === 'image') this.#whole.addBytes(event.data)
    else if (event.kind === 'audio') this.#whole.addBytes(event.data)
    else if (event.kind === 'embedding') this.#whole.addBytes(bytesOf(event.vector))
    else if (event.kind === 'ranked') this.#addNumbers(event.index, event.score)
    else if (event.kind === 'tokens') this.#addNumbers(event.count)
    // A segment tells again what the text beside it says.
  }

  /** Call it once, at the end. */
  digest(): HashedAnswer {
    this.#endPiece()
    const { textBytes } = this.#whole
    return { answerHash: this.#whole.digest(), pieceHashes: this.#pieceHashes, textBytes }
  }

  /** The wire knows one zero. */
  #addNumbers(...numbers: readonly number[]): void {
    this.#whole.addBytes(bytesOf(Float64Array.from(numbers, (number) => number + 0)))
  }

  #addSaid(text: string, tokens: number): void {
    const believed = believedTokens(text, tokens + this.#unseen)
    this.#unseen = text === '' ? believed : 0
    this.#addText(text, believed)
  }

  /** What counts no tokens stays with the piece before it: a long text travels as several, counted with the first. */
  #addText(text: string, believed: number): void {
    if (text === '') return
    this.#whole.addText(text)
    if (believed > 0 && this.#pieceTokens >= TOKENS_PER_PIECE) this.#endPiece()
    if (this.#pieceHashes.length >= MAX_HASHED_PIECES * PIECE_HASH_DIGITS) return
    this.#pieceTokens += believed
    this.#piece.addText(text)
  }

  #endPiece(): void {
    if (this.#piece.empty) return
    this.#pieceHashes += this.#piece.digest().slice(0, PIECE_HASH_DIGITS)
    this.#piece = new TextHash()
    this.#pieceTokens = 0
  }
}
