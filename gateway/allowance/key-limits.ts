/** What the owner allows one API key beyond coming in. What is absent is not limited. */

/** How much a key may use, whichever API family it asks in. */
export interface KeyLimits {
  /** Requests of every kind, lists of models too. */
  readonly requestsPerMinute?: number | undefined
  /** Tokens of prompts and answers. */
  readonly tokensPerMinute?: number | undefined
  /** The same, from midnight to midnight UTC; counted over restarts. */
  readonly tokensPerDay?: number | undefined
  /** Queries that run or wait at once. */
  readonly concurrent?: number | undefined
}

/** The length of a day of `tokensPerDay`. */
export const TOKEN_DAY_MS = 86_400_000

/** The day of a moment, counted from the epoch, UTC. `wallMs`: milliseconds. */
export function dayOf(wallMs: number): number {
  return Math.floor(wallMs / TOKEN_DAY_MS)
}
