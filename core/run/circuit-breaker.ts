/**
 * When to stop asking a worker or a peer that fails one query after the other: the breaker opens, its pause doubles
 * with every failed trial, and after a pause one query at a time may try. Plain values and pure functions; `now` is an
 * argument.
 */
import type { Clock } from './clock.ts'

export interface BreakerRule {
  /** Failures in a row that open it. */
  readonly failures: number
  /** First pause, milliseconds. */
  readonly pauseMs: number
  /** Longest pause, milliseconds. */
  readonly maxPauseMs: number
}

export interface Breaker {
  /** Failures since the last success. */
  readonly failures: number
  /** The pause for which it was opened, milliseconds; 0 while it is closed. */
  readonly pauseMs: number
  /** When a query may try again; means nothing while it is closed. */
  readonly openUntil: number
}

/** `half-open`: a trial may show whether it can be closed. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** Nothing has failed since the last success. */
export const NEVER_FAILED: Breaker = { failures: 0, pauseMs: 0, openUntil: 0 }

export function breakerState({ pauseMs, openUntil }: Breaker, now: number): BreakerState {
  if (pauseMs === 0) return 'closed'
  return now < openUntil ? 'open' : 'half-open'
}

/**
 * The breaker after one more failure of what was begun at `begunAt`. What was under way when it opened says nothing
 * new.
 */
export function breakerAfterFailure(breaker: Breaker, rule: BreakerRule, begunAt: number, now: number): Breaker {
  const failures = breaker.failures + 1
  const isOpen = breaker.pauseMs > 0
  if (isOpen ? begunAt < breaker.openUntil : failures < rule.failures) return { ...breaker, failures }
  const pauseMs = isOpen ? Math.min(rule.maxPauseMs, breaker.pauseMs * 2) : rule.pauseMs
  return { failures, pauseMs, openUntil: now + pauseMs }
}

/** The breaker of one thing that is asked, with the trials that are under way. */
export class CircuitBreaker {
  readonly #clock: Clock
  readonly #rule: BreakerRule
  #breaker = NEVER_FAILED
  #trials = 0

  constructor({ clock }: { readonly clock: Clock }, rule: BreakerRule) {
    this.#clock = clock
    this.#rule = rule
  }

  get state(): BreakerState {
    return breakerState(this.#breaker, this.#clock.monotonic())
  }

  /** Milliseconds until a query may try; 0 when one may now. */
  get waitMs(): number {
    return this.#breaker.pauseMs === 0 ? 0 : Math.max(0, this.#breaker.openUntil - this.#clock.monotonic())
  }

  /** Whether one more query may be sent now. */
  get allows(): boolean {
    const { state } = this
    return state === 'closed' || (state === 'half-open' && this.#trials === 0)
  }

  /**
   * A query was sent. Returns what to call once with its outcome: true served, false failed, undefined neither
   * (cancelled, busy).
   */
  begin(): (served: boolean | undefined) => void {
    const trial = this.state === 'half-open'
    const begunAt = this.#clock.monotonic()
    if (trial) this.#trials += 1
    let open = true
    return (served) => {
      if (!open) return
      open = false
      if (trial) this.#trials -= 1
      if (served === true) this.reset()
      else if (served === false) {
        this.#breaker = breakerAfterFailure(this.#breaker, this.#rule, begunAt, this.#clock.monotonic())
      }
    }
  }

  /** Closes it and forgets what was: the engine was restarted, or has served. */
  reset(): void {
    this.#breaker = NEVER_FAILED
  }
}
