/**
 * How long to try, and to wait before trying again: doubling from a floor to a cap, spread by a fifth so that many
 * nodes do not knock at once.
 */

export interface BackOffRule {
  /** Wait after the first failure, milliseconds. */
  readonly firstMs: number
  /** Longest wait, milliseconds. */
  readonly capMs: number
}

/** Longest dial of a peer that no query waits for: a handshake with a slow host on the other side of the world. */
export const BACKGROUND_DIAL_MS = 10_000

/** Part of an interval by which it is spread to either side. */
export const JITTER = 0.2

/** `ms` ± 20 %, in whole milliseconds. `rng` gives a number from 0 to 1. */
export function jittered(ms: number, rng: () => number): number {
  return Math.round(ms * (1 - JITTER + 2 * JITTER * rng()))
}

/** The wait after `failures` failures in a row (1 is the first). */
export function backOffMs(rule: BackOffRule, failures: number, rng: () => number): number {
  const doubled = rule.firstMs * 2 ** Math.min(30, Math.max(0, failures - 1))
  return jittered(Math.min(rule.capMs, doubled), rng)
}
