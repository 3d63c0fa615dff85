/** What a query asks of a model, read off its body, and whether a model can give it. Checked before anything is sent. */
import type { Model, ModelCapabilities } from '../core/model.ts'
import { type ChatBody, isChat, type Query, type QueryType } from '../core/query.ts'
import type { ErrorCode } from '../core/realmesh-error.ts'

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
}

/** English text has about four characters per token in the common vocabularies; other scripts have fewer, so this is low for them. */
const CHARS_PER_TOKEN = 4
/** An image is 256 to about 1,500 tokens, depending on the model. */
const TOKENS_PER_IMAGE = 576
/** The estimate may be this far over before a query is refused: only the engine knows, and it says so itself. */
const CONTEXT_MARGIN = 1.3

const known = new WeakMap<Query, QueryNeeds>()

/** The needs of a query; remembered as long as the query lives, since a waiting query is looked at often. */
export function needsOf(query: Query): QueryNeeds {
  const found = known.get(query)
  if (found !== undefined) return found
  const needs = isChat(query) ? chatNeeds(query.type, query.body) : plainNeeds(query)
  known.set(query, needs)
  return needs
}

/** What is missing; undefined when the model fits. Assumes that it serves the type. */
export function misfit(model: Model, needs: QueryNeeds): Misfit | undefined {
  const missing = needs.capabilities.find((capability) => !model.capabilities[capability])
  if (missing !== undefined) {
    return { code: 'CAPABILITY_MISSING', message: `${model.name} cannot do what the query needs: ${missing}` }
  }
  const { contextLength } = model
  if (contextLength === undefined || needs.promptTokens <= contextLength * CONTEXT_MARGIN) return undefined
  return {
    code: 'CONTEXT_TOO_LONG',
    message: `about ${needs.promptTokens} tokens of prompt do not fit into the ${contextLength} of ${model.name}`,
  }
}

function plainNeeds(query: Exclude<Query, { type: 'chat' | 'vision' }>): QueryNeeds {
  // An engine cuts or refuses an embedding's inputs one by one; the longest counts.
  const longest = query.type === 'embed' ? query.body.inputs.reduce((most, text) => Math.max(most, text.length), 0) : 0
  return { type: query.type, capabilities: [], promptTokens: Math.ceil(longest / CHARS_PER_TOKEN) }
}

function chatNeeds(type: QueryType, body: ChatBody): QueryNeeds {
  const { chars, images } = sizeOf(body)
  const wanted: Readonly<Record<Capability, boolean>> = {
    vision: images > 0 || type === 'vision',
    tools: (body.tools?.length ?? 0) > 0 && body.toolChoice !== 'none',
    reasoning: body.think !== undefined && body.think !== false,
    structured: (body.responseFormat?.type ?? 'text') !== 'text',
    prefill: body.prefill !== undefined && body.prefill !== '',
  }
  return {
    type,
    capabilities: (Object.keys(wanted) as Capability[]).filter((capability) => wanted[capability]),
    promptTokens: Math.ceil(chars / CHARS_PER_TOKEN) + images * TOKENS_PER_IMAGE,
  }
}

function sizeOf(body: ChatBody): { chars: number; images: number } {
  let chars = body.prefill?.length ?? 0
  let images = 0
  for (const { content } of body.messages) {
    for (const part of typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content) {
      if (part.type === 'image') images += 1
      else chars += part.text.length
    }
  }
  return { chars, images }
}
