/**
 * How often a program may offer a wrong admin token. 256 bits are not guessed; the limit keeps guessing cheap for us
 * and makes it visible. It never keeps the right token out: else any program on this machine could lock the operator
 * out by guessing.
 */
import type { Clock } from '../../core/run/clock.ts'

/** A person mistypes a few times; only a program fails more often. */
export const MAX_ADMIN_FAILURES = 10
export const ADMIN_FAILURES_WINDOW_MS = 60_000

export class AdminFailures {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** Of the failures within the window, oldest first; at most `MAX_ADMIN_FAILURES`. */
  #times: readonly number[] = []

  constructor(components: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = components.clock
  }

  /** Notes one more. */
  note(): NotedFailure {
    const now = this.#clock.monotonic()
    const recent = this.#times.filter((at) => now - at < ADMIN_FAILURES_WINDOW_MS)
    const [oldest] = recent
    if (recent.length >= MAX_ADMIN_FAILURES && oldest !== undefined) {
      this.#times = recent
      return { limitReached: false, retryAfterMs: oldest + ADMIN_FAILURES_WINDOW_MS - now }
    }
    this.#times = [...recent, now]
    return { limitReached: this.#times.length === MAX_ADMIN_FAILURES }
  }
}

export interface NotedFailure {
  /** Whether it was the last one that is let pass: worth a line in the log, which must not be flooded either. */
  readonly limitReached: boolean
  /** There were too many: milliseconds until another one is let pass. */
  readonly retryAfterMs?: number
}
