/**
 * The parts of OpenAI's JSON that all its endpoints share: usage, errors and the fingerprint.
 */
import { createHash } from 'node:crypto'
import type { StartEvent, Usage } from '../../../core/query/query-event.ts'
import { type HttpProblem, spoken } from '../../request/errors.ts'

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

/** An error. Clients show `message` only, so the fix stands in it too. */
export function openAiErrorBody(problem: HttpProblem): string {
  const { type, param, code } = problem
  return JSON.stringify({ error: { message: spoken(problem), type, param: param ?? null, code } })
}
