/**
 * Lists of tokens and segments of a recording on the wire: what is too long for one event goes on in the next, and is
 * joined again by the reader, within bounds.
 */
import { cleanText } from '../../../core/clean-text.ts'
import { defined } from '../../../core/defined.ts'
import type { SegmentEvent, TokensEvent } from '../../../core/query/query-event.ts'
import { MAX_TOLD_TOKENS, MAX_VOICE_LENGTH } from '../../../core/query/query-limits.ts'
import type { HeardWord } from '../../../core/query/sound.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { WireEvent, WireSegment, WireTokens } from './messages.ts'

/** Tokens of one event: with pieces of the greatest length it has 48 KiB. */
export const MAX_TOKENS_PER_EVENT = 256

/** Words of one event, likewise. */
export const MAX_WORDS_PER_EVENT = 64

/** Bytes of one token: runs of white space; a longer one is cut. */
const MAX_PIECE_BYTES = 128

/** Longest word, in UTF-16 units; a longer one is cut. */
const LONGEST_WORD = 128

/** Text of a segment in one event, UTF-16 units. */
const SEGMENT_TEXT_LENGTH = 4_096

/** Words of one segment, and the length of its text: engines that tell no segments send all of an hour as one. */
export const MAX_SEGMENT_WORDS = 32_768
export const MAX_SEGMENT_TEXT = 262_144

/** UTF-8 needs at most three bytes per UTF-16 unit. */
const BYTES_PER_UNIT = 3
/** Tags, lengths and numbers of an event, of a token and of a word. */
const EVENT_OVERHEAD = 64
const TOKEN_OVERHEAD = 12
const WORD_OVERHEAD = 32

interface SizedEvent {
  readonly wire: WireEvent
  readonly bytes: number
}

/** The list as it arrives: of more than `MAX_TOLD_TOKENS` no more than the count is told. */
export function arrivedTokens({ ids, pieces, ...event }: TokensEvent): TokensEvent {
  const count = Math.min(Math.max(0, Math.round(event.count)), 0xffff_ffff)
  if (Math.max(ids?.length ?? 0, pieces?.length ?? 0) > MAX_TOLD_TOKENS) return { ...event, count }
  const short = pieces?.map((piece) => piece.subarray(0, MAX_PIECE_BYTES))
  return { ...event, count, ...defined({ ids, pieces: short }) }
}

/** The segment as it arrives. */
export function arrivedSegment({ text, words, speaker, ...event }: SegmentEvent): SegmentEvent {
  return {
    ...event,
    ...times(event),
    text: text.slice(0, MAX_SEGMENT_TEXT),
    ...defined({
      words: words?.slice(0, MAX_SEGMENT_WORDS).map(({ word, ...span }) => ({ word: shortWord(word), ...times(span) })),
      speaker: speaker === undefined ? undefined : cleanText(speaker, MAX_VOICE_LENGTH),
    }),
  }
}

/** The wire events of a list of tokens. */
export function* wireTokenLists(event: TokensEvent): Generator<SizedEvent, void> {
  const { count, estimated, ...listed } = arrivedTokens(event)
  const told = Math.max(listed.ids?.length ?? 0, listed.pieces?.length ?? 0)
  const hasIds = listed.ids !== undefined
  const hasPieces = listed.pieces !== undefined
  const most = hasIds || hasPieces ? told : 0
  let at = 0
  do {
    const end = at + MAX_TOKENS_PER_EVENT
    const some = listed.pieces?.slice(at, end).map((piece) => Uint8Array.from(piece)) ?? []
    const bytes = some.reduce((sum, { byteLength }) => sum + byteLength, EVENT_OVERHEAD)
    const tokenList: WireTokens = {
      count,
      ids: [...(listed.ids?.slice(at, end) ?? [])],
      pieces: some,
      estimated: estimated === true,
      more: end < most,
      hasIds,
      hasPieces,
    }
    yield { wire: { tokenList }, bytes: bytes + (tokenList.ids.length + some.length) * TOKEN_OVERHEAD }
    at = end
  } while (at < most)
}

/** The wire events of a segment. */
export function* wireSegments(event: SegmentEvent): Generator<SizedEvent, void> {
  let textAt = 0
  let wordAt = 0
  const { start, end, text: whole, words, speaker } = arrivedSegment(event)
  const all = words ?? []
  for (;;) {
    const textEnd = pieceEnd(whole, textAt)
    const wordEnd = wordAt + MAX_WORDS_PER_EVENT
    const some = all.slice(wordAt, wordEnd).map((each) => ({ ...each }))
    const more = textEnd < whole.length || wordEnd < all.length
    const part = { start, end, text: whole.slice(textAt, textEnd), words: some }
    const segment: WireSegment = { ...part, more, hasWords: words !== undefined }
    if (speaker !== undefined) segment.speaker = speaker
    const units = segment.text.length + (segment.speaker?.length ?? 0)
    const bytes = some.reduce((sum, { word }) => sum + word.length * BYTES_PER_UNIT + WORD_OVERHEAD, EVENT_OVERHEAD)
    yield { wire: { segment }, bytes: bytes + units * BYTES_PER_UNIT }
    if (!more) return
    textAt = textEnd
    wordAt = wordEnd
  }
}

/** Joins the lists of tokens of one query. */
export class JoinedTokens {
  #ids: number[] = []
  #pieces: Uint8Array[] = []

  /** The event, once its last part has come. Throws `PROTOCOL_ERROR`. */
  take({ count, ids, pieces, estimated, more, hasIds, hasPieces }: WireTokens): TokensEvent | undefined {
    if (Math.max(this.#ids.length + ids.length, this.#pieces.length + pieces.length) > MAX_TOLD_TOKENS) {
      throw garbage(`more than ${MAX_TOLD_TOKENS} tokens`)
    }
    for (const id of ids) this.#ids.push(id)
    for (const piece of pieces) this.#pieces.push(Uint8Array.from(piece.subarray(0, MAX_PIECE_BYTES)))
    if (more) return undefined
    const [told, parts] = [this.#ids, this.#pieces]
    this.#ids = []
    this.#pieces = []
    return {
      kind: 'tokens',
      count,
      ...(hasIds && { ids: told }),
      ...(hasPieces && { pieces: parts }),
      ...(estimated && { estimated }),
    }
  }
}

/** Joins the segments of one recording. */
export class JoinedSegment {
  #text = ''
  #words: HeardWord[] = []

  /** The event, once its last part has come. Throws `PROTOCOL_ERROR`. */
  take({ start, end, text, words, speaker, more, hasWords }: WireSegment): SegmentEvent | undefined {
    this.#text += text
    if (this.#text.length > MAX_SEGMENT_TEXT || this.#words.length + words.length > MAX_SEGMENT_WORDS) {
      throw garbage('a segment without end')
    }
    for (const { word, ...span } of words) this.#words.push({ word: shortWord(word), ...times(span) })
    if (more) return undefined
    const [whole, all] = [this.#text, this.#words]
    this.#text = ''
    this.#words = []
    return {
      kind: 'segment',
      ...times({ start, end }),
      text: whole,
      ...(hasWords && { words: all }),
      ...(speaker !== undefined && { speaker: cleanText(speaker, MAX_VOICE_LENGTH) }),
    }
  }
}

/** Seconds that are none are 0, and no stretch ends before it begins. */
function times({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } {
  const from = Number.isFinite(start) && start > 0 ? start : 0
  return { start: from, end: Number.isFinite(end) ? Math.max(from, end) : from }
}

function shortWord(word: string): string {
  return word.length <= LONGEST_WORD ? word : word.slice(0, LONGEST_WORD).toWellFormed()
}

/** Where the next piece of a text ends: never within a character. */
function pieceEnd(text: string, at: number): number {
  const end = Math.min(at + SEGMENT_TEXT_LENGTH, text.length)
  const cut = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return cut ? end - 1 : end
}

function garbage(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the peer sent ${what}`)
}
