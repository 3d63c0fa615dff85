/**
 * What comes back for a query, in order: waits and progress, then content, then exactly one end. A failure is thrown
 * instead.
 */

import type { TokenLogprob } from './logprobs.ts'
import type { ComputedBy, RouteReceipt, ServedPart } from './receipt.ts'
import type { Heard, HeardWord } from './sound.ts'

/** Where the query stands in a realm's queue. */
export interface QueuedEvent {
  readonly kind: 'queued'
  /** 1 is next. The first that is told, and that of a query far behind, is an upper bound. */
  readonly position: number
  readonly estimatedWaitMs: number
}

/** A worker has taken the query; nothing of the answer has come yet. May come again when another worker takes over. */
export interface StartEvent {
  readonly kind: 'start'
  /** Peer id of the node whose worker serves. */
  readonly node: string
  readonly worker: string
  /** Kind of the engine, such as `ollama` or `builtin/guide`. */
  readonly engine: string
  /** The model that serves, by its exact name. */
  readonly model: string
}

export interface TextEvent {
  readonly kind: 'text'
  readonly text: string
  /** Tokens of this piece as the engine counts them. @default 1 */
  readonly tokens?: number
  /** Of the tokens that end in this piece, where the query asked for them. */
  readonly logprobs?: readonly TokenLogprob[]
}

/** Text that the model thinks before it answers. */
export interface ReasoningEvent {
  readonly kind: 'reasoning'
  readonly text: string
  /** As of text. @default 1 */
  readonly tokens?: number
}

/**
 * A piece of a tool call. The first piece of an index carries id and name; the arguments' JSON text comes in pieces.
 */
export interface ToolCallEvent {
  readonly kind: 'toolCall'
  readonly index: number
  readonly id?: string
  readonly name?: string
  readonly arguments: string
}

/** A whole image. */
export interface ImageEvent {
  readonly kind: 'image'
  readonly index: number
  readonly mediaType: string
  readonly data: Uint8Array
  /** The seed that would draw it again, where the engine tells. */
  readonly seed?: number
}

/** One embedding, for the input of the same index. */
export interface EmbeddingEvent {
  readonly kind: 'embedding'
  readonly index: number
  readonly vector: Float32Array
}

/** How well the document of that index answers the question. They come best first. */
export interface RankedEvent {
  readonly kind: 'ranked'
  /** Of the query's documents. */
  readonly index: number
  /** Higher is better; on which scale is the model's own business. */
  readonly score: number
}

/** The tokens of a text or a conversation: once. */
export interface TokensEvent {
  readonly kind: 'tokens'
  readonly count: number
  /** One for each token, in order, where the query asked for them. */
  readonly ids?: readonly number[]
  /** The bytes of each token, likewise: a token may end within a character. */
  readonly pieces?: readonly Uint8Array[]
  /** No tokenizer counted: it was reckoned from the length. @default false */
  readonly estimated?: boolean
}

/** A stretch of a recording. The text of all of it comes as `text` events beside. */
export interface SegmentEvent {
  readonly kind: 'segment'
  /** Seconds from the start of the recording. */
  readonly start: number
  readonly end: number
  readonly text: string
  readonly words?: readonly HeardWord[]
  /** Who speaks, by the engine's name for them. */
  readonly speaker?: string
}

/** The next bytes of what is spoken: joined in order they are the file, or the stream. */
export interface AudioEvent {
  readonly kind: 'audio'
  /** Such as `audio/mpeg`, or `audio/pcm;rate=24000`; the same in all of one answer. */
  readonly mediaType: string
  readonly data: Uint8Array
}

/** How far the work has come, 0 to 1; keeps slow work visible. */
export interface ProgressEvent {
  readonly kind: 'progress'
  readonly fraction: number
  readonly note?: string
  /** A small picture of the state, where the engine sends one. */
  readonly preview?: { readonly mediaType: string; readonly data: Uint8Array }
}

/** Why the answer ended. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** Tokens as the engine counted them. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
  /** Tokens of the prompt that the engine had computed before, where it tells. */
  readonly cachedTokens?: number
  /** Tokens of the answer that are thinking, where the engine tells. */
  readonly reasoningTokens?: number
}

/** The engine's own figures, where it tells them. */
export interface EngineTimings {
  readonly loadMs?: number
  readonly prefillTokensPerSecond?: number
  readonly decodeTokensPerSecond?: number
}

export interface EndEvent {
  readonly kind: 'end'
  readonly finishReason: FinishReason
  readonly usage?: Usage
  readonly timings?: EngineTimings
  /** Of a recording that was written down. */
  readonly heard?: Heard
  /** Pages or files that a built-in guide answered from. */
  readonly sources?: readonly string[]
  /** By what it was computed: the sampling as an adapter sent it, and what its worker knows of the model. */
  readonly by?: ComputedBy
  /** The signed part of the node that served; set by that node. */
  readonly served?: ServedPart
  /** The whole way of the query; set by the node where it began. */
  readonly receipt?: RouteReceipt
}

/** Events that carry some of the answer: after the first of these a retry elsewhere would be seen. */
export type ContentEvent =
  | TextEvent
  | ReasoningEvent
  | ToolCallEvent
  | ImageEvent
  | EmbeddingEvent
  | RankedEvent
  | TokensEvent
  | SegmentEvent
  | AudioEvent

export type QueryEvent = QueuedEvent | StartEvent | ProgressEvent | ContentEvent | EndEvent

const CARRIES_CONTENT: Readonly<Record<QueryEvent['kind'], boolean>> = {
  queued: false,
  start: false,
  progress: false,
  text: true,
  reasoning: true,
  toolCall: true,
  image: true,
  embedding: true,
  ranked: true,
  tokens: true,
  segment: true,
  audio: true,
  end: false,
}

/** A piece of text or of thinking, with its tokens unless that is one. */
export function textPiece(kind: 'text' | 'reasoning', text: string, tokens = 1): TextEvent | ReasoningEvent {
  return tokens === 1 ? { kind, text } : { kind, text, tokens }
}

/** Whether the event carries some of the answer. */
export function isContent(event: QueryEvent): event is ContentEvent {
  return CARRIES_CONTENT[event.kind]
}
