/** The last line of an answer: why it ended, and what it took, as far as that is known. */
import { defined } from '../../../core/defined.ts'
import type { EndEvent, FinishReason } from '../../../core/query/query-event.ts'
import type { Clock } from '../../../core/run/clock.ts'

const NS_PER_MS = 1e6
const NS_PER_S = 1e9

/** Ollama has no word of its own for calls. */
const DONE_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'stop',
  content_filter: 'content_filter',
}

export interface AnswerTime {
  readonly clock: Pick<Clock, 'wall' | 'monotonic'>
  /** When the request had come, by the monotonic clock. */
  readonly begunAt: number
}

/** The time of a line, as Ollama writes it. */
export function createdAt({ clock }: Pick<AnswerTime, 'clock'>): string {
  return new Date(clock.wall()).toISOString()
}

/**
 * Tokens as the engine counted and durations as it measured them, in nanoseconds; `total_duration` is this node's own.
 * What the engine does not tell is left out.
 */
export function measured(end: EndEvent | undefined, time: AnswerTime): object {
  const { promptTokens, completionTokens, cachedTokens = 0 } = end?.usage ?? {}
  const { loadMs, prefillTokensPerSecond, decodeTokensPerSecond } = end?.timings ?? {}
  const computed = promptTokens === undefined ? undefined : Math.max(0, promptTokens - cachedTokens)
  return defined({
    total_duration: Math.round((time.clock.monotonic() - time.begunAt) * NS_PER_MS),
    load_duration: loadMs === undefined ? undefined : Math.round(loadMs * NS_PER_MS),
    prompt_eval_count: promptTokens,
    prompt_eval_duration: lasted(computed, prefillTokensPerSecond),
    eval_count: completionTokens,
    eval_duration: lasted(completionTokens, decodeTokensPerSecond),
  })
}

/** `done_reason` and all that is measured. */
export function endFields(end: EndEvent, time: AnswerTime): object {
  return { done: true, done_reason: DONE_REASONS[end.finishReason], ...measured(end, time) }
}

function lasted(tokens: number | undefined, perSecond: number | undefined): number | undefined {
  if (tokens === undefined || perSecond === undefined || perSecond <= 0) return undefined
  return Math.round((tokens / perSecond) * NS_PER_S)
}
