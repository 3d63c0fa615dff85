/** What engines call the end of an answer. */

import type { FinishReason } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { sanitizeEngineText } from '../http/http-errors.ts'

/** Their words, in lower case. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries({
    stop: 'stop',
    eos: 'stop',
    eos_token: 'stop', // TGI
    end_turn: 'stop', // Anthropic
    stop_sequence: 'stop', // TGI, Anthropic
    length: 'length',
    max_tokens: 'length', // Anthropic
    max_length: 'length',
    model_length: 'length', // Mistral
    model_context_window_exceeded: 'length', // Anthropic
    tool_calls: 'tool_calls',
    tool_use: 'tool_calls', // Anthropic
    function_call: 'tool_calls',
    content_filter: 'content_filter',
    refusal: 'content_filter', // Anthropic
    safety: 'content_filter', // Gemini
  } as const),
)

/** Words that some engines put into every piece where others put nothing. */
const NO_REASON: ReadonlySet<unknown> = new Set([undefined, null, '', 'null', 'none'])

/**
 * The reason that a piece gives; undefined when it gives none. Throws `ENGINE_FAILED` for a word that is no good end
 * (`abort`, `error`) or that is not known: an answer is not called whole on a guess.
 */
export function finishReason(engine: string, word: unknown): FinishReason | undefined {
  if (NO_REASON.has(word)) return undefined
  const known = typeof word === 'string' ? REASONS.get(word.toLowerCase()) : undefined
  if (known !== undefined) return known
  const said = sanitizeEngineText(typeof word === 'string' ? word : typeof word)
  throw new RealmeshError('ENGINE_FAILED', `${engine} ended its answer with "${said}"`)
}
