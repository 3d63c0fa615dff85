/**
 * What a query asks of a model, read off its body, and whether a model can give it. Checked before anything is sent.
 */
import { fitsWindow } from '../../core/model/context-window.ts'
import type { Model, ModelCapabilities } from '../../core/model/model.ts'
import { chatLength } from '../../core/query/chat-text.ts'
import { type ChatBody, type ImagineBody, isChat, type Query, type QueryType } from '../../core/query/query.ts'
import { CHARS_PER_TOKEN, TOKENS_PER_IMAGE } from '../../core/query/token-estimate.ts'
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'

export interface QueryNeeds {
  readonly type: QueryType
  /** Names of `ModelCapabilities` that the model must have. */
  readonly capabilities: readonly Capability[]
  /** Estimate; 0 where nothing is known. */
  readonly promptTokens: number
}

type Capability = keyof ModelCapabilities

/** Why a model does not fit. */
export interface Misfit {
  readonly code: Extract<ErrorCode, 'CAPABILITY_MISSING' | 'CONTEXT_TOO_LONG'>
  readonly message: string
  /** How close the model comes: 0 for another type, 1 for a lack, more for a window, by its tokens. */
  readonly nearness: number
}

/** What a model lacks that does not serve the type. */
const TYPE_LACKS: Readonly<Record<QueryType, string>> = {
  chat: 'does not chat',
  vision: 'cannot see pictures (vision)',
  imagine: 'does not draw pictures (imagine)',
  embed: 'does not make embeddings (embed)',
  rerank: 'does not rank documents (rerank)',
  tokens: 'does not tell its tokens (tokens)',
  transcribe: 'does not write down recordings (transcribe)',
  speak: 'does not speak (speak)',
}

/** What a model does that serves the type. */
const TYPE_DOES: Readonly<Record<QueryType, string>> = {
  chat: 'it chats',
  vision: 'it sees pictures',
  imagine: 'it draws pictures',
  embed: 'it makes embeddings',
  rerank: 'it ranks documents',
  tokens: 'it tells its tokens',
  transcribe: 'it writes down recordings',
  speak: 'it speaks',
}

/** What a person starts who has nothing that serves the type. */
export const ENGINE_FOR: Readonly<Record<QueryType, string>> = {
  chat: 'Ollama',
  vision: 'Ollama with a model that sees',
  imagine: 'ComfyUI',
  embed: 'Ollama with a model for embeddings',
  rerank: 'llama-server with --reranking',
  tokens: 'llama-server',
  transcribe: "speaches, or whisper.cpp's server",
  speak: 'Kokoro-FastAPI',
}

const CAPABILITY_LACKS: Readonly<Record<Capability, string>> = {
  vision: 'cannot see pictures (vision)',
  tools: 'cannot call tools (tools)',
  reasoning: 'does not think before it answers (reasoning)',
  structured: 'cannot keep to a JSON schema (structured)',
  prefill: 'cannot go on with an answer that was begun (prefill)',
  logprobs: 'does not tell how probable its tokens are (logprobs)',
  raw: 'cannot go on with a text as it is (raw completion)',
  infill: 'cannot write between two texts (suffix)',
  grammar: 'cannot keep to a grammar (grammar)',
  edits: 'draws from a prompt alone, not from a picture (edits)',
  references: 'begins with one picture and looks at no others (references)',
}

/** The needs of a query. Cheap: it reads lengths, no text. */
export function needsOf(query: Query): QueryNeeds {
  return isChat(query) ? chatNeeds(query.type, query.body) : plainNeeds(query)
}

/** What is missing; undefined when the model fits. */
export function misfit(model: Model, needs: QueryNeeds): Misfit | undefined {
  if (!model.types.includes(needs.type)) {
    const does = model.types.map((type) => TYPE_DOES[type]).join(', ')
    const message = `${model.name} ${TYPE_LACKS[needs.type]}${does === '' ? '' : `; ${does}`}`
    return { code: 'CAPABILITY_MISSING', message, nearness: 0 }
  }
  const missing = needs.capabilities.find((capability) => !model.capabilities[capability])
  if (missing !== undefined) {
    return { code: 'CAPABILITY_MISSING', message: `${model.name} ${CAPABILITY_LACKS[missing]}`, nearness: 1 }
  }
  const { contextLength } = model
  if (contextLength === undefined || fitsWindow(needs.promptTokens, contextLength)) return undefined
  return {
    code: 'CONTEXT_TOO_LONG',
    message: `about ${needs.promptTokens} tokens of prompt do not fit into the ${contextLength} of ${model.name}`,
    nearness: 1 + contextLength,
  }
}

/** The closest of several; undefined when there is none. */
export function closestOf(misfits: readonly Misfit[]): Misfit | undefined {
  return misfits.reduce<Misfit | undefined>(
    (best, next) => (best && best.nearness >= next.nearness ? best : next),
    undefined,
  )
}

/** An answer to a query whose model does not fit. */
export function misfitError({ code, message }: Misfit): RealmeshError {
  return new RealmeshError(code, message, { fix: MISFIT_FIX[code] })
}

/** An answer to a query of this type that named no model, where none fits: it is not told to name `auto`. */
export function noneFits({ code, message, nearness }: Misfit, type: QueryType): RealmeshError {
  const fix = nearness === 0 ? engineWanted(type) : ANY_MISFIT_FIX[code]
  return new RealmeshError(code, `no model within reach fits: ${message}`, { fix })
}

/** What to do where nothing within reach serves the type. */
export function engineWanted(type: QueryType): string {
  return `start an engine such as ${ENGINE_FOR[type]} on this host, or join nodes that have one (--bootstrap)`
}

const MISFIT_FIX: Readonly<Record<Misfit['code'], string>> = {
  CAPABILITY_MISSING: 'name a model that can, or `auto`; `realmesh models` lists what each can do',
  CONTEXT_TOO_LONG: 'shorten the conversation, or name a model with a larger window',
}

const ANY_MISFIT_FIX: Readonly<Record<Misfit['code'], string>> = {
  CAPABILITY_MISSING: 'ask without it, or serve a model that can; `realmesh models` lists what each can do',
  CONTEXT_TOO_LONG: 'shorten the conversation, or serve a model with a larger window',
}

function plainNeeds(query: Exclude<Query, { type: 'chat' | 'vision' }>): QueryNeeds {
  const capabilities = query.type === 'imagine' ? drawingNeeds(query.body) : []
  return { type: query.type, capabilities, promptTokens: Math.ceil(longestText(query) / CHARS_PER_TOKEN) }
}

function drawingNeeds({ image, references = [] }: ImagineBody): readonly Capability[] {
  if (image === undefined) return []
  return references.length === 0 ? ['edits'] : ['edits', 'references']
}

/**
 * UTF-16 units that a model must hold at once. An engine cuts or refuses an embedding's inputs one by one, and ranks
 * each document beside the question. What is only counted fits every window.
 */
function longestText(query: Exclude<Query, { type: 'chat' | 'vision' }>): number {
  const longest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0)
  if (query.type === 'embed') return longest(query.body.inputs)
  if (query.type === 'rerank') return query.body.query.length + longest(query.body.documents)
  return query.type === 'speak' ? query.body.text.length : 0
}

function chatNeeds(type: QueryType, body: ChatBody): QueryNeeds {
  const { characters, images } = chatLength(body)
  const capabilities: Capability[] = []
  if (images > 0 || type === 'vision') capabilities.push('vision')
  if (body.tools !== undefined && body.tools.length > 0 && body.toolChoice !== 'none') capabilities.push('tools')
  if (body.responseFormat !== undefined && body.responseFormat.type !== 'text') capabilities.push('structured')
  if (body.raw !== undefined) capabilities.push(body.raw.suffix === undefined ? 'raw' : 'infill')
  // A raw text goes on behind whatever it has become.
  else if (body.prefill !== undefined && body.prefill !== '') capabilities.push('prefill')
  if (body.logprobs !== undefined) capabilities.push('logprobs')
  if (body.settings?.['grammar'] !== undefined) capabilities.push('grammar')
  return { type, capabilities, promptTokens: Math.ceil(characters / CHARS_PER_TOKEN) + images * TOKENS_PER_IMAGE }
}
