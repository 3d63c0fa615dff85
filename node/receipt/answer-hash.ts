/**
 * The hashes of an answer while it streams by: of all of it, and of each 64 tokens, so that an audit which computes the
 * answer again can tell where it begins to differ. Both ends of the wire make the same of the same events.
 */
import { cleanText } from '../../core/clean-text.ts'
import type { QueryEvent, SegmentEvent, TokensEvent, ToolCallEvent } from '../../core/query/query-event.ts'
import { believedTokens } from '../../core/query/seen-tokens.ts'
import { MAX_TOLD_LENGTH } from '../../protocols/query/frames/event-encoder.ts'
import { arrivedSegment, arrivedTokens } from '../../protocols/query/frames/listed-codec.ts'
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
   * Adds what the event carries of the answer, as it arrives at the other end: text as UTF-8, names and arguments of
   * tool calls, bytes of pictures, speech and vectors, numbers, tokens and the times of what was heard. Ids of calls
   * are random and say nothing.
   */
  add(event: QueryEvent): void {
    if (event.kind === 'text' || event.kind === 'reasoning') this.#addSaid(event.text, event.tokens ?? 1)
    else if (event.kind === 'toolCall') this.#addCall(event)
    else if (event.kind === 'image') this.#whole.addBytes(event.data)
    else if (event.kind === 'audio') this.#whole.addBytes(event.data)
    else if (event.kind === 'embedding') this.#whole.addBytes(bytesOf(event.vector))
    else if (event.kind === 'ranked') this.#addNumbers(event.index, event.score)
    else if (event.kind === 'tokens') this.#addTokens(arrivedTokens(event))
    else if (event.kind === 'segment') this.#addSegment(arrivedSegment(event))
  }

  /** Call it once, at the end. */
  digest(): HashedAnswer {
    this.#endPiece()
    const { textBytes } = this.#whole
    return { answerHash: this.#whole.digest(), pieceHashes: this.#pieceHashes, textBytes }
  }

  #addCall({ name, arguments: text }: ToolCallEvent): void {
    if (name !== undefined) this.#addListed(cleanText(name, MAX_TOLD_LENGTH))
    this.#addText(text, 0)
  }

  /** A mere count is its number alone; lists say how long they are, so that no two of them look alike. */
  #addTokens({ count, ids, pieces }: TokensEvent): void {
    this.#addNumbers(count)
    if (ids !== undefined) this.#addNumbers(ids.length, ...ids)
    if (pieces === undefined) return
    this.#addNumbers(pieces.length)
    for (const piece of pieces) this.#addListed(piece)
  }

  /** The text of all segments stands beside them too, but not where each begins. */
  #addSegment({ start, end, text, words = [], speaker = '' }: SegmentEvent): void {
    this.#addNumbers(start, end)
    for (const each of [text, speaker]) this.#addListed(each)
    this.#addNumbers(words.length)
    for (const { word, ...span } of words) {
      this.#addNumbers(span.start, span.end)
      this.#addListed(word)
    }
  }

  /** Bytes with their length before them. Texts here are not counted as text of the answer. */
  #addListed(listed: string | Uint8Array): void {
    const bytes = typeof listed === 'string' ? Buffer.from(listed, 'utf8') : listed
    this.#addNumbers(bytes.byteLength)
    this.#whole.addBytes(bytes)
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
