/**
 * Refuses, before anything is sent, what a model cannot do: an engine would drop it silently or fail in its own words.
 */

import type { EngineKind } from '../../core/model/engine-kind.ts'
import type { Model } from '../../core/model/model.ts'
import { refusedSetting } from '../../core/model/request-fields.ts'
import { chatLength } from '../../core/query/chat-text.ts'
import { type ChatBody, isChat, type Query, type RawPrompt } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/**
 * Bytes of prompt that one token holds at the very most over a long text. Real prompts have 3 to 5, so a prompt that
 * fails this test is surely too long; closer cases are left to the engine, which counts exactly.
 */
const MOST_BYTES_PER_TOKEN = 10

function missing(model: Model, what: string): RealmeshError {
  return new RealmeshError('CAPABILITY_MISSING', `${model.name} ${what}`, { fix: 'ask for another model' })
}

function checkChat(model: Model, body: ChatBody): void {
  const { capabilities } = model
  const { characters, images } = chatLength(body)
  if (!capabilities.vision && images > 0) throw missing(model, 'cannot see images')
  if (!capabilities.tools && (body.tools?.length ?? 0) > 0 && body.toolChoice !== 'none') {
    throw missing(model, 'cannot call tools')
  }
  if (!capabilities.structured && (body.responseFormat?.type ?? 'text') !== 'text') {
    throw missing(model, 'cannot be held to a response format')
  }
  if (capabilities.logprobs !== true && body.logprobs !== undefined) {
    throw missing(model, 'does not tell how probable its tokens are (logprobs)')
  }
  if (capabilities.grammar !== true && body.settings?.['grammar'] !== undefined) {
    throw missing(model, 'cannot keep to a grammar (grammar)')
  }
  if (body.raw !== undefined) checkRaw(model, body.raw)
  else if (!capabilities.prefill && body.prefill !== undefined) throw missing(model, 'cannot continue a given answer')
  // Characters are never more than bytes.
  if (model.contextLength !== undefined && characters > model.contextLength * MOST_BYTES_PER_TOKEN) {
    throw new RealmeshError(
      'CONTEXT_TOO_LONG',
      `the prompt is longer than the ${model.contextLength} tokens that ${model.name} can read`,
    )
  }
}

function checkRaw(model: Model, { suffix }: RawPrompt): void {
  if (suffix !== undefined && model.capabilities.infill !== true)
    throw missing(model, 'cannot write between two texts (suffix)')
  if (suffix === undefined && model.capabilities.raw !== true) {
    throw missing(model, 'cannot go on with a text as it is (raw completion)')
  }
}

/**
 * Throws `CAPABILITY_MISSING` or `CONTEXT_TOO_LONG` when `model` cannot serve the query. An unknown model is left to
 * the engine.
 */
export function checkCapabilities(model: Model | undefined, query: Query): void {
  if (model === undefined) return
  if (!model.types.includes(query.type)) throw missing(model, `does not serve ${query.type} queries`)
  if (isChat(query)) checkChat(model, query.body)
  if (query.type !== 'imagine' || query.body.image === undefined) return
  const { edits, references } = model.capabilities
  if (edits !== true) throw missing(model, 'draws from a prompt alone, not from a picture (edits)')
  if (query.body.references !== undefined && references !== true) {
    throw missing(model, 'begins with one picture and looks at no others (references)')
  }
}

/**
 * Throws `CAPABILITY_MISSING`, naming the field, for a setting that would change the answer and that engines of this
 * kind do not take.
 */
export function checkSettings(kind: EngineKind, query: Query): void {
  const field = isChat(query) ? refusedSetting(kind, query.body.settings) : undefined
  if (field === undefined) return
  throw new RealmeshError('CAPABILITY_MISSING', `${kind} does not take ${field}`, {
    fix: `leave ${field} out, or ask for a model of an engine that takes it`,
  })
}

/** Answers without the probabilities that were asked for. */
export function logprobsMissing(engine: string): RealmeshError {
  return new RealmeshError('CAPABILITY_MISSING', `${engine} does not tell how probable its tokens are (logprobs)`, {
    fix: 'ask for a model of an engine that does, such as llama-server, Ollama or vLLM',
  })
}

/** Whether the probabilities of the tokens are to be told. */
export function wantsLogprobs(query: Query): boolean {
  return isChat(query) && query.body.logprobs !== undefined
}

/** Whether the client can make one tool call at a time only. */
export function wantsOneCall(query: Query): boolean {
  return isChat(query) && query.body.parallelToolCalls === false
}

/** The refusal of an engine that has no such type of query at all. */
export function typeRefused(engine: string, query: Query): RealmeshError {
  return new RealmeshError('CAPABILITY_MISSING', `${engine} does not serve ${query.type} queries`)
}
