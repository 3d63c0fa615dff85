/** What an answer says of its key's limits, in OpenAI's headers: programs slow down by them before they are refused. */
import type { Allowance, LimitState } from './allowance.ts'

/** The names of all that may be set, for pages that may read them. */
export const LIMIT_HEADERS: readonly string[] = ['requests', 'tokens'].flatMap((what) =>
  ['limit', 'remaining', 'reset'].map((part) => `x-ratelimit-${part}-${what}`),
)

/** None for what is not limited. */
export function limitHeaders({ requests, tokens }: Pick<Allowance, 'requests' | 'tokens'>): Record<string, string> {
  return { ...headersOf('requests', requests), ...headersOf('tokens', tokens) }
}

function headersOf(what: string, state: LimitState | undefined): Record<string, string> {
  if (state === undefined) return {}
  return {
    [`x-ratelimit-limit-${what}`]: String(state.limit),
    [`x-ratelimit-remaining-${what}`]: String(state.remaining),
    [`x-ratelimit-reset-${what}`]: goDuration(state.resetMs),
  }
}

/** A span as OpenAI writes it: `120ms`, `7.66s`, `2m59.5s`, `23h10m0s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const seconds = ms / 1000
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${Number((seconds % 60).toFixed(2))}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
