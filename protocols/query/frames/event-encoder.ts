/**
 * Events as they go on the wire. Small events become one wire event; long texts become several of the same kind;
 * pictures and vectors send their bytes in pieces before the event that owns them. The route receipt stays at home: the
 * asker writes its own.
 */
import type { EndEvent, ProgressEvent, QueryEvent, Usage } from '../../../core/query/query-event.ts'
import type { ServedPart } from '../../../core/query/receipt.ts'
import type { Heard } from '../../../core/query/sound.ts'
import { PIECE_BYTES, TEXT_PIECE_LENGTH } from '../constants.ts'
import { byText } from './computed-by.ts'
import { wireSegments, wireTokenLists } from './listed-codec.ts'
import { wireLogprobs } from './logprobs-codec.ts'
import type { WireEnd, WireEvent, WireHeard, WireServed, WireUsage } from './messages.ts'

/** Longest name, note or id that an event carries, in UTF-16 units. */
export const MAX_TOLD_LENGTH = 256

/** Sources that an end names. */
export const MAX_SOURCES = 32

/** A wire event and about how many bytes it takes, never less. */
export interface SizedWireEvent {
  readonly wire: WireEvent
  readonly bytes: number
}

/** UTF-8 needs at most three bytes per UTF-16 unit. */
const BYTES_PER_UNIT = 3
/** Tags and lengths around one event. */
const OVERHEAD = 16
/** Room for all short fields of the rare kinds. */
const RARE_BYTES = 4 * 1_024
/** Room for an end with its served part: names, hashes of pieces, settings, a signature. */
const END_BYTES = 3 * RARE_BYTES

/**
 * The one wire event of an event that fits into one: the token path, free of generators. Undefined when it needs
 * several.
 */
export function wholeWireEvent(event: QueryEvent): SizedWireEvent | undefined {
  switch (event.kind) {
    case 'text':
      if (event.text.length > TEXT_PIECE_LENGTH || event.logprobs !== undefined) return undefined
      return { wire: { text: event.text, ...tokensOf(event) }, bytes: textBytes(event.text) }
    case 'reasoning':
      if (event.text.length > TEXT_PIECE_LENGTH) return undefined
      return { wire: { reasoning: event.text, ...tokensOf(event) }, bytes: textBytes(event.text) }
    case 'queued': {
      const queued = { position: count(event.position), estimatedWaitMs: count(event.estimatedWaitMs) }
      return { wire: { queued }, bytes: OVERHEAD }
    }
    case 'start': {
      const { node, worker, engine, model } = event
      return rare({ start: { node: label(node), worker: label(worker), engine: label(engine), model: label(model) } })
    }
    case 'end':
      return {
        wire: { end: wireEnd(event) },
        bytes: END_BYTES + Math.min(event.sources?.length ?? 0, MAX_SOURCES) * MAX_TOLD_LENGTH * BYTES_PER_UNIT,
      }
    case 'progress':
      return event.preview === undefined ? rare(wireProgress(event)) : undefined
    case 'ranked':
      return { wire: { ranked: { index: count(event.index), score: event.score } }, bytes: OVERHEAD * 2 }
    case 'toolCall':
    case 'image':
    case 'embedding':
    case 'tokens':
    case 'segment':
    case 'audio':
      return undefined
  }
}

/** The wire events of any event, in order. */
export function* wireEvents(event: QueryEvent): Generator<SizedWireEvent, void> {
  const whole = wholeWireEvent(event)
  if (whole !== undefined) yield whole
  else if (event.kind === 'text' || event.kind === 'reasoning') {
    let tokens = tokensOf(event)
    const logprobs = event.kind === 'text' ? wireLogprobs(event.logprobs ?? []) : []
    for (const text of textPieces(event.text)) {
      const told = logprobs.shift()
      yield { wire: { [event.kind]: text, ...tokens, ...told?.wire }, bytes: textBytes(text) + (told?.bytes ?? 0) }
      tokens = { tokens: 0 } // all of them came with the first
    }
    for (const { wire, bytes } of logprobs) yield { wire: { text: '', ...tokens, ...wire }, bytes: OVERHEAD + bytes }
  } else if (event.kind === 'toolCall') {
    const { index, id, name } = event
    let first = { ...(id === undefined ? {} : { id: label(id) }), ...(name === undefined ? {} : { name: label(name) }) }
    for (const piece of textPieces(event.arguments)) {
      yield {
        wire: { toolCall: { index: count(index), ...first, arguments: piece } },
        bytes: RARE_BYTES + textBytes(piece),
      }
      first = {}
    }
  } else if (event.kind === 'image') {
    yield* pieces(event.data)
    const seed =
      event.seed !== undefined && Number.isSafeInteger(event.seed) && event.seed >= 0 ? { seed: event.seed } : {}
    yield rare({ image: { index: count(event.index), mediaType: label(event.mediaType), ...seed } })
  } else if (event.kind === 'embedding') {
    yield* pieces(new Uint8Array(event.vector.buffer, event.vector.byteOffset, event.vector.byteLength))
    yield rare({ embedding: { index: count(event.index) } })
  } else if (event.kind === 'audio') {
    yield* pieces(event.data)
    yield rare({ audio: { mediaType: label(event.mediaType) } })
  } else if (event.kind === 'tokens') yield* wireTokenLists(event)
  else if (event.kind === 'segment') yield* wireSegments(event)
  else if (event.kind === 'progress') {
    if (event.preview !== undefined) yield* pieces(event.preview.data)
    yield rare(wireProgress(event))
  }
}

/** Tokens of a piece, unless that is one. */
function tokensOf({ tokens }: { readonly tokens?: number }): { readonly tokens?: number } {
  return tokens === undefined || tokens === 1 ? {} : { tokens: count(tokens) }
}

function wireProgress({ fraction, note, preview }: ProgressEvent): WireEvent {
  return {
    progress: {
      fraction,
      ...(note === undefined ? {} : { note: label(note) }),
      ...(preview === undefined ? {} : { previewMediaType: label(preview.mediaType) }),
    },
  }
}

function wireEnd({ finishReason, usage, timings, sources, served, heard }: EndEvent): WireEnd {
  return {
    finishReason,
    ...(usage === undefined ? {} : { usage: wireUsage(usage) }),
    ...(timings === undefined ? {} : { timings: { ...timings } }),
    sources: (sources ?? []).slice(0, MAX_SOURCES).map(label),
    ...(served === undefined ? {} : { served: wireServed(served) }),
    ...(heard === undefined ? {} : { heard: wireHeard(heard) }),
  }
}

function wireHeard({ language, seconds }: Heard): WireHeard {
  return {
    ...(language === undefined ? {} : { language: label(language) }),
    ...(seconds === undefined ? {} : { seconds }),
  }
}

function wireUsage({ promptTokens, completionTokens, cachedTokens, reasoningTokens }: Usage): WireUsage {
  return {
    promptTokens: count(promptTokens),
    completionTokens: count(completionTokens),
    ...(cachedTokens === undefined ? {} : { cachedTokens: count(cachedTokens) }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens: count(reasoningTokens) }),
  }
}

/** Its names are fit for the wire already: what is changed here would not fit the signature. */
function wireServed({ signature, by, promptTokens, completionTokens, ...part }: ServedPart): WireServed {
  const wire: WireServed = {
    ...part,
    by: byText(by),
    promptTokens: count(promptTokens),
    completionTokens: count(completionTokens),
  }
  if (signature !== undefined) wire.signature = Buffer.from(signature, 'base64')
  return wire
}

/** Pieces that end between characters: half a surrogate pair has no UTF-8. An empty text is one empty piece. */
function* textPieces(text: string): Generator<string, void> {
  let at = 0
  do {
    let end = Math.min(at + TEXT_PIECE_LENGTH, text.length)
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1
    yield text.slice(at, end)
    at = end
  } while (at < text.length)
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800
}

function* pieces(data: Uint8Array): Generator<SizedWireEvent, void> {
  for (let at = 0; at < data.byteLength; at += PIECE_BYTES) {
    const piece = data.subarray(at, at + PIECE_BYTES) as Uint8Array<ArrayBuffer>
    yield { wire: { piece }, bytes: piece.byteLength + OVERHEAD }
  }
}

function rare(wire: WireEvent): SizedWireEvent {
  return { wire, bytes: RARE_BYTES }
}

function textBytes(text: string): number {
  return text.length * BYTES_PER_UNIT + OVERHEAD
}

function label(text: string): string {
  return text.slice(0, MAX_TOLD_LENGTH)
}

/** A whole number that fits the wire; 0 for what is no number. */
function count(value: number): number {
  return value > 0 ? Math.min(Math.round(value), 0xffff_ffff) : 0
}
