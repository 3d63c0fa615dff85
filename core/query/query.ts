/**
 * One request, as every layer knows it. The envelope says who asks, for what and how far it may go; the body depends on
 * the type. A query is never changed in place: layers that alter it pass a copy on.
 */
import type { Scope } from '../scope.ts'
import type { Picture } from './picture.ts'
import type { SpeakBody, TranscribeBody } from './sound.ts'
import type { TraceContext } from './trace-context.ts'

/**
 * What is asked for. `vision` is a chat whose messages hold images; `tokens` is a text or a conversation as a model
 * counts it, nothing of it is answered.
 */
export const QUERY_TYPES = ['chat', 'vision', 'imagine', 'embed', 'rerank', 'tokens', 'transcribe', 'speak'] as const
export type QueryType = (typeof QUERY_TYPES)[number]

/** Whether `text` is a query type. */
export function isQueryType(text: string): text is QueryType {
  return (QUERY_TYPES as readonly string[]).includes(text)
}

/** What may be the id of a query: it is a key of maps and stands in headers, paths and logs. */
export const QUERY_ID = /^[A-Za-z0-9._:-]{1,128}$/

/**
 * One key for what a user has under an id, a query or a response. The name's length stands first: a user's name is any
 * text, and no name and id may make the key of another pair. An id cut short makes the beginning of the key.
 */
export function userKey(user: string, id: string): string {
  return `${user.length}:${user}\n${id}`
}

/** `live`: the answer is waited for; `batch`: it may take until the rigs have nothing else to do. */
export const PRIORITIES = ['live', 'batch'] as const
export type Priority = (typeof PRIORITIES)[number]

/** Whether `text` is a priority. */
export function isPriority(text: string): text is Priority {
  return (PRIORITIES as readonly string[]).includes(text)
}

/** A realm's name: `$` and upper-case letters, digits or underscores. */
export const REALM_NAME = /^\$[A-Z0-9_]{1,62}$/

/** A piece of a message's content. Images are data: URLs are resolved, or refused, at the gateway. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image'
      readonly mediaType: string /** Base64 without a `data:` prefix. */
      readonly data: string
      /** How closely it is looked at, in the engine's words. */
      readonly detail?: string
    }

/** A whole tool call, as it stands in a conversation. `arguments` is JSON text, exactly as the model wrote it. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string | readonly ContentPart[]
  /** Only of an assistant. */
  readonly toolCalls?: readonly ToolCall[]
  /** Only of a tool: the call that it answers. */
  readonly toolCallId?: string
  /** Only of a tool: its name. */
  readonly toolName?: string
  /** Only of an assistant: what it thought before it answered. */
  readonly reasoning?: string
  /** Which of several of the role speaks; not of a tool. */
  readonly name?: string
}

export interface ToolDefinition {
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments. */
  readonly parameters?: unknown
  /** Whether the arguments must follow the schema to the letter. */
  readonly strict?: boolean
}

/** How the answer is to be shaped: free text, any JSON object, or JSON that follows a schema. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | { readonly type: 'json_schema'; readonly name: string; readonly schema: unknown; readonly strict?: boolean }

/** Sampling settings; what is absent is left to the engine. */
export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly maxTokens?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly repeatPenalty?: number
}

/** Settings by the names that programs use; of engines that know them. */
export type Settings = Readonly<Record<string, unknown>>

/** Whether, and which, tool the model must call. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

/** A text that is gone on with as it is, without a template around it. */
export interface RawPrompt {
  readonly prompt: string
  /** What stands behind the gap that is to be filled. */
  readonly suffix?: string
}

export interface ChatBody {
  readonly messages: readonly ChatMessage[]
  /** Instead of messages, of which there are none then. */
  readonly raw?: RawPrompt
  readonly tools?: readonly ToolDefinition[]
  readonly toolChoice?: ToolChoice
  readonly responseFormat?: ResponseFormat
  readonly sampling?: Sampling
  /** Reasoning before the answer: on, off, or an effort where the engine knows it. Absent: the engine's default. */
  readonly think?: boolean | 'low' | 'medium' | 'high'
  /**
   * The start of the assistant's answer that the client already has. The engine goes on right behind its last character
   * and does not repeat it: this is how an answer is continued when the rig that began it dies.
   */
  readonly prefill?: string
  /** The probabilities of the tokens are told, with so many alternatives of each, 0 to 20. Absent: they are not. */
  readonly logprobs?: number
  /** `false`: one tool call per answer. Absent: the engine's default. */
  readonly parallelToolCalls?: boolean
  /** Settings that some kinds of engines know, by the names that programs use: `core/model/request-fields.ts` says. */
  readonly settings?: Settings
}

export interface ImagineBody {
  readonly prompt: string
  readonly negativePrompt?: string
  /** Pixels. Default: the engine's. */
  readonly width?: number
  readonly height?: number
  readonly steps?: number
  readonly seed?: number
  /** How many images. Default 1. */
  readonly count?: number
  readonly guidance?: number
  /** The drawing begins with this picture. Absent: with nothing. */
  readonly image?: Picture
  /** Only beside `image`, and of its shape: what is transparent here is drawn anew, the rest stays. */
  readonly mask?: Picture
  /** Only beside `image`: further pictures that the drawing looks at, `MAX_REFERENCES` at most. */
  readonly references?: readonly Picture[]
  /** How much of `image` is drawn anew, 0 to 1. Default: the engine's. */
  readonly strength?: number
}

export interface EmbedBody {
  readonly inputs: readonly string[]
  readonly dimensions?: number
}

/** Documents that are to be put into the order in which they answer a question. */
export interface RerankBody {
  readonly query: string
  readonly documents: readonly string[]
  /** Only the best so many are told. Absent: all of them. */
  readonly topN?: number
}

/** What of tokens is told: how many they are, their numbers, or the numbers and the bytes of each. */
export const TOKEN_DETAILS = ['count', 'ids', 'pieces'] as const
export type TokenDetail = (typeof TOKEN_DETAILS)[number]

/** Exactly one of `text`, `chat` and `ids`. */
export interface TokensBody {
  /** A text as it stands. */
  readonly text?: string
  /** A conversation as the model reads it: with its template, tools and the opening of an answer. */
  readonly chat?: ChatBody
  /** Tokens that are to become text again; it comes as `text`. */
  readonly ids?: readonly number[]
  /** @default `count` */
  readonly detail?: TokenDetail
  /** Whether the tokens that begin (and end) every text are among them; of `text`. Absent: the engine's default. */
  readonly special?: boolean
}

/** The way of a query among HTTP hosts of several federations. */
export interface FederatedWay {
  /** Ids of the federations that had it, the one where it began first. */
  readonly via: readonly string[]
  /** How often the next host may hand it on. */
  readonly hopsLeft: number
}

/** All of a query but what is asked. */
export interface QueryEnvelope {
  /** Unique, and the idempotency key: a second submit with the same id by the same user joins the first. */
  readonly id: string
  /** The realm that serves it. */
  readonly realm: string
  /** As the client wrote it; `''` or `auto` lets the router choose. Engines receive the exact name that they serve. */
  readonly model: string
  readonly scope: Scope
  /** How often it may still be handed to another node. At 0 it is served here or refused. */
  readonly hopsLeft: number
  /**
   * Who asks, for fair queueing: the user's key on this node; a per-swarm pseudonym when it came from a peer. Never a
   * GUID on the wire.
   */
  readonly user: string
  /** Peer id of the node that handed it to us; absent when it began here. */
  readonly origin?: string
  /**
   * `batch`: served by workers that are idle by their owners' rules, gives way to every other query, and waits nowhere:
   * where nothing is idle it is refused with `REALM_OVERLOADED`.
   * @default live
   */
  readonly priority?: Priority
  /** Where it came from or goes to a host of another federation. It never goes over the wire between nodes. */
  readonly federated?: FederatedWay
  /** Of the asker's tracing. It links queries, so it goes to the own federation and to friends, and to no stranger. */
  readonly trace?: TraceContext | undefined
}

export interface ChatQuery extends QueryEnvelope {
  readonly type: 'chat' | 'vision'
  readonly body: ChatBody
}

export interface ImagineQuery extends QueryEnvelope {
  readonly type: 'imagine'
  readonly body: ImagineBody
}

export interface EmbedQuery extends QueryEnvelope {
  readonly type: 'embed'
  readonly body: EmbedBody
}

export interface RerankQuery extends QueryEnvelope {
  readonly type: 'rerank'
  readonly body: RerankBody
}

export interface TokensQuery extends QueryEnvelope {
  readonly type: 'tokens'
  readonly body: TokensBody
}

export interface TranscribeQuery extends QueryEnvelope {
  readonly type: 'transcribe'
  readonly body: TranscribeBody
}

export interface SpeakQuery extends QueryEnvelope {
  readonly type: 'speak'
  readonly body: SpeakBody
}

export type Query = ChatQuery | ImagineQuery | EmbedQuery | RerankQuery | TokensQuery | TranscribeQuery | SpeakQuery

/** Whether the query gives way to all others. */
export function isBatch({ priority }: Pick<QueryEnvelope, 'priority'>): boolean {
  return priority === 'batch'
}

/** Whether the query is a conversation, so that its answer is text and can be continued elsewhere. */
export function isChat(query: Query): query is ChatQuery {
  return query.type === 'chat' || query.type === 'vision'
}
