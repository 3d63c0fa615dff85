/**
 * Wire events back to events. Nothing that a peer writes is believed to be in range, and what it may make us hold is
 * bounded.
 */

import { cleanText } from '../../../core/clean-text.ts'
import { defined } from '../../../core/defined.ts'
import {
  type EndEvent,
  type FinishReason,
  type ProgressEvent,
  type QueryEvent,
  textPiece,
} from '../../../core/query/query-event.ts'
import type { ServedPart } from '../../../core/query/receipt.ts'
import { believedTokens } from '../../../core/query/seen-tokens.ts'
import type { Heard } from '../../../core/query/sound.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { MAX_BLOB_BYTES, MAX_INDEX, MAX_PREVIEW_BYTES } from '../constants.ts'
import { byOf } from './computed-by.ts'
import { MAX_SOURCES, MAX_TOLD_LENGTH } from './event-encoder.ts'
import { JoinedSegment, JoinedTokens } from './listed-codec.ts'
import { withLogprobs } from './logprobs-codec.ts'
import type { WireEnd, WireEvent, WireHeard, WireProgress, WireRanked, WireServed, WireTimings } from './messages.ts'

/** Longest signature of a served part: ours have 320 bytes at most. */
const MAX_SIGNATURE_BYTES = 1_024

/** Longest list of the hashes of pieces: ours have 1,024 digits at most. */
const MAX_PIECE_HASHES_LENGTH = 2_048

/** Of a receipt whose node did not say: such parts were there before versions were. */
const FIRST_VERSION = 1

/** What engines draw, as their adapters tell it by the first bytes. */
const PICTURES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
])

/** A client that opens it plays it, whatever it is. */
const SOUND = /^audio\/[a-z0-9.+-]{1,64}(; ?[a-z]{1,16}=[a-z0-9.]{1,16}){0,3}$/i

const FINISH_REASONS: Readonly<Record<FinishReason, true>> = {
  stop: true,
  length: true,
  tool_calls: true,
  content_filter: true,
}

/** Decodes the events of one query: holds the pieces of a picture or vector until their event comes. */
export class EventDecoder {
  #pieces: Uint8Array[] = []
  #bytes = 0
  /** Tokens of pieces that were empty: they count with the next. */
  #unseen = 0
  readonly #tokens = new JoinedTokens()
  readonly #segment = new JoinedSegment()

  /**
   * The event, or undefined for a piece, for an event that says nothing, and for a kind that this version does not
   * know. Throws `PROTOCOL_ERROR`.
   */
  decode(wire: WireEvent): QueryEvent | undefined {
    if (wire.text !== undefined) {
      const said = this.#said('text', wire.text, wire.tokens, wire.logprobs === undefined)
      return said === undefined ? undefined : withLogprobs(said, wire.logprobs)
    }
    if (wire.reasoning !== undefined) return this.#said('reasoning', wire.reasoning, wire.tokens)
    if (wire.piece !== undefined) return this.#keep(wire.piece)
    if (wire.toolCall !== undefined) {
      const { index, id, name } = wire.toolCall
      if (id === undefined && name === undefined && wire.toolCall.arguments === '') return undefined
      return {
        kind: 'toolCall',
        index: bounded(index),
        ...(id === undefined ? {} : { id: label(id) }),
        ...(name === undefined ? {} : { name: label(name) }),
        arguments: wire.toolCall.arguments,
      }
    }
    return this.#rare(wire)
  }

  #rare(wire: WireEvent): QueryEvent | undefined {
    if (wire.start !== undefined) {
      const { node, worker, engine, model } = wire.start
      return { kind: 'start', node: label(node), worker: label(worker), engine: label(engine), model: label(model) }
    }
    if (wire.queued !== undefined) return { kind: 'queued', ...wire.queued }
    if (wire.end !== undefined) return endOf(wire.end)
    if (wire.progress !== undefined) return this.#progress(wire.progress)
    if (wire.image !== undefined) {
      const { index, mediaType, seed } = wire.image
      const data = this.#taken()
      if (data.byteLength === 0) throw garbage('a picture without a byte')
      return {
        kind: 'image',
        index: bounded(index),
        mediaType: pictureType(mediaType),
        data,
        ...(seed === undefined ? {} : { seed }),
      }
    }
    if (wire.embedding !== undefined) {
      return { kind: 'embedding', index: bounded(wire.embedding.index), vector: vectorOf(this.#taken()) }
    }
    if (wire.ranked !== undefined) return rankedOf(wire.ranked)
    if (wire.tokenList !== undefined) return this.#tokens.take(wire.tokenList)
    if (wire.segment !== undefined) return this.#segment.take(wire.segment)
    if (wire.audio !== undefined) return this.#spoken(wire.audio.mediaType)
    return undefined
  }

  /** Speech without a byte says nothing. */
  #spoken(mediaType: string): QueryEvent | undefined {
    if (!SOUND.test(mediaType)) throw garbage(`speech of the type "${label(mediaType)}"`)
    const data = this.#taken()
    return data.byteLength === 0 ? undefined : { kind: 'audio', mediaType, data }
  }

  /** A peer may count what it likes. `bare`: nothing but the text is told with it. */
  #said(kind: 'text' | 'reasoning', text: string, tokens = 1, bare = true): QueryEvent | undefined {
    const counted = believedTokens(text, tokens + this.#unseen)
    const empty = bare && text === ''
    this.#unseen = empty ? counted : 0
    return empty ? undefined : textPiece(kind, text, counted)
  }

  #keep(piece: Uint8Array): undefined {
    this.#bytes += piece.byteLength
    if (this.#bytes > MAX_BLOB_BYTES) throw garbage(`a picture of more than ${MAX_BLOB_BYTES} bytes`)
    // An empty piece costs no bytes but a place in the list: it is dropped, so that the list is bounded too.
    if (piece.byteLength > 0) this.#pieces.push(piece)
    return undefined
  }

  #taken(): Uint8Array {
    const data = new Uint8Array(this.#bytes)
    let at = 0
    for (const piece of this.#pieces) {
      data.set(piece, at)
      at += piece.byteLength
    }
    this.#pieces = []
    this.#bytes = 0
    return data
  }

  #progress({ fraction, note, previewMediaType }: WireProgress): ProgressEvent {
    const preview = previewMediaType === undefined ? undefined : this.#preview(previewMediaType)
    return {
      kind: 'progress',
      fraction: fraction > 0 ? Math.min(fraction, 1) : 0,
      ...(note === undefined ? {} : { note: label(note) }),
      ...(preview === undefined ? {} : { preview }),
    }
  }

  #preview(mediaType: string): ProgressEvent['preview'] {
    const data = this.#taken()
    const shown = data.byteLength > 0 && data.byteLength <= MAX_PREVIEW_BYTES && PICTURES.has(mediaType)
    return shown ? { mediaType, data } : undefined
  }
}

function rankedOf({ index, score }: WireRanked): QueryEvent {
  if (!Number.isFinite(score)) throw garbage('a score that is no number')
  return { kind: 'ranked', index: bounded(index), score }
}

function endOf({ finishReason, usage, timings, sources, served, heard }: WireEnd): EndEvent {
  if (!isFinishReason(finishReason)) throw garbage('an unknown reason of the end')
  if (sources.length > MAX_SOURCES) throw garbage('too many sources')
  return {
    kind: 'end',
    finishReason,
    ...(usage === undefined ? {} : { usage }),
    ...(timings === undefined ? {} : { timings: timingsOf(timings) }),
    ...(sources.length === 0 ? {} : { sources: sources.map(label) }),
    ...(served === undefined ? {} : { served: servedOf(served) }),
    ...(heard === undefined ? {} : { heard: heardOf(heard) }),
  }
}

function heardOf({ language, seconds }: WireHeard): Heard {
  return defined({ language: language === undefined ? undefined : label(language), seconds: figure(seconds) })
}

function isFinishReason(text: string): text is FinishReason {
  return Object.hasOwn(FINISH_REASONS, text)
}

function timingsOf(timings: WireTimings): WireTimings {
  return Object.fromEntries(Object.entries(timings).filter(([, value]) => Number.isFinite(value) && value >= 0))
}

function servedOf(served: WireServed): ServedPart {
  const { node, worker, engine, model, by, answerHash, pieceHashes, signature, version = FIRST_VERSION } = served
  const { promptTokens, completionTokens, waitedMs, firstMs, decodeRate } = served
  if (signature !== undefined && signature.byteLength > MAX_SIGNATURE_BYTES)
    throw garbage('a signature that is too long')
  return {
    version,
    node: label(node),
    worker: label(worker),
    engine: label(engine),
    model: label(model),
    by: byOf(by),
    answerHash: label(answerHash),
    pieceHashes: cleanText(pieceHashes, MAX_PIECE_HASHES_LENGTH),
    promptTokens,
    completionTokens,
    waitedMs: figure(waitedMs) ?? 0,
    ...defined({
      firstMs: figure(firstMs),
      decodeRate: figure(decodeRate),
      signature: signature === undefined ? undefined : base64(signature),
    }),
  }
}

/** What a peer measured: no number that is none, and none below 0. */
function figure(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
}

/**
 * `bytes` are freshly allocated, hence aligned. Every platform that Node 20 runs on here is little-endian, like the
 * wire.
 */
function vectorOf(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % Float32Array.BYTES_PER_ELEMENT !== 0) throw garbage('a vector that ends within a number')
  const vector = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT)
  if (vector.length === 0 || !vector.every(Number.isFinite)) throw garbage('a vector of no numbers')
  return vector
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function label(text: string): string {
  return cleanText(text, MAX_TOLD_LENGTH)
}

/** A client may open what it gets: a page or a drawing with scripts in it is no picture. */
function pictureType(mediaType: string): string {
  if (!PICTURES.has(mediaType)) throw garbage(`a picture of the type "${label(mediaType)}"`)
  return mediaType
}

/** Readers keep what is numbered in tables. */
function bounded(index: number): number {
  if (index >= MAX_INDEX) throw garbage(`a part of the answer with the number ${index}`)
  return index
}

function garbage(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the peer sent ${what}`)
}
