/** How probable the tokens of an answer were, as engines tell it. */

/** A token that could have stood there. */
export interface LikelyToken {
  readonly token: string
  /** Natural logarithm of its probability; `LEAST_LOGPROB` for one that is next to impossible. */
  readonly logprob: number
  /** Its bytes, where the engine tells them: a token may be half a character. */
  readonly bytes?: readonly number[]
}

/** A token of the answer, with the most probable ones at its place. */
export interface TokenLogprob extends LikelyToken {
  readonly top: readonly LikelyToken[]
}

/** Alternatives that are told for a token at most: what OpenAI's API allows. */
export const MAX_TOP_LOGPROBS = 20

/** What OpenAI writes for a token that is next to impossible: JSON has no infinity. */
export const LEAST_LOGPROB = -9999

/** A logarithm of a probability, whatever came. */
export function logprobOf(value: unknown): number {
  return typeof value === 'number' && value >= LEAST_LOGPROB ? Math.min(value, 0) : LEAST_LOGPROB
}
