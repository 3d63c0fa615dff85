/** Token counts as OpenAI writes them. */
import type { Usage } from '../../../core/query/query-event.ts'

export interface OpenAiUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

/** Zeros where the engine did not count: clients add these numbers up without looking. */
export function openAiUsage(usage: Usage | undefined): OpenAiUsage {
  const { promptTokens, completionTokens } = usage ?? { promptTokens: 0, completionTokens: 0 }
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}
