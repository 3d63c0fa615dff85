/**
 * The parts of OpenAI's JSON that all its endpoints share: usage, errors, and the field in which realmesh adds its own.
 */
import { createHash } from 'node:crypto'
import { defined } from '../../../core/defined.ts'
import type { EndEvent, StartEvent, Usage } from '../../../core/query/query-event.ts'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import type { HttpProblem } from '../../request/errors.ts'

export interface OpenAiUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details?: { readonly cached_tokens: number }
  readonly completion_tokens_details?: { readonly reasoning_tokens: number }
}

/** Token counts. Zeros where the engine did not count: clients add these numbers up without looking. */
export function openAiUsage(usage: Usage | undefined): OpenAiUsage {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage ?? NO_USAGE
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  }
}

const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0 }

/**
 * What OpenAI calls the configuration of its backend: changes with the node, the worker, the engine and the model, so
 * that the same seed gives the same answer only under the same one. Null where no worker named itself.
 */
export function fingerprintOf(by: StartEvent | undefined): string | null {
  if (by === undefined) return null
  const { node, worker, engine, model } = by
  return `fp_${createHash('sha256').update([node, worker, engine, model].join('\n')).digest('hex').slice(0, 12)}`
}

/** What realmesh adds to an answer in a field of its own, which clients that do not know it ignore. */
export interface Extras {
  /** Pages that a built-in guide answered from. */
  readonly sources?: readonly string[]
  /** The way of the query, when the client asked for it. */
  readonly receipt?: RouteReceipt
}

/** The `realmesh` field of an answer; undefined when there is nothing to add. */
export function extrasOf(end: EndEvent | undefined, wantsReceipt: boolean): Extras | undefined {
  if (end === undefined) return undefined
  const receipt = wantsReceipt ? end.receipt : undefined
  if (receipt === undefined && end.sources === undefined) return undefined
  return defined({ sources: end.sources, receipt })
}

/** An error. Clients show `message` only, so the fix stands in it too. */
export function openAiErrorBody(problem: HttpProblem): string {
  const { message, fix, type, param, code } = problem
  const text = fix === undefined ? message : `${message}. Fix: ${fix}`
  return JSON.stringify({ error: { message: text, type, param: param ?? null, code } })
}
