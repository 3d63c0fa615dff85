/**
 * Stops sending queries to a worker that fails them one after the other, however well it answers probes. The pause doubles with
 * every failed trial; after a pause one query at a time may try.
 */
import type { Clock } from '../../core/run/clock.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface CircuitBreakerInit {
  /** Failures in a row that open it. @default 3 */
  readonly failures?: number
  /** First pause, milliseconds. @default 2000 */
  readonly pauseMs?: number
  /** Longest pause, milliseconds. @default 60000 */
  readonly maxPauseMs?: number
}

export class CircuitBreaker {
  readonly #clock: Clock
  readonly #threshold: number
  readonly #firstPauseMs: number
  readonly #maxPauseMs: number
  #failures = 0
  #pauseMs: number
  #openUntil: number | undefined
  #trials = 0

  constructor({ clock }: { readonly clock: Clock }, init: CircuitBreakerInit = {}) {
    this.#clock = clock
    this.#threshold = init.failures ?? 3
    this.#firstPauseMs = init.pauseMs ?? 2_000
    this.#maxPauseMs = init.maxPauseMs ?? 60_000
    this.#pauseMs = this.#firstPauseMs
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return 'closed'
    return this.#clock.monotonic() < this.#openUntil ? 'open' : 'half-open'
  }

  /** Milliseconds until a query may try; 0 when one may now. */
  get waitMs(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#clock.monotonic())
  }

  /** Whether one more query may be sent now. */
  get allows(): boolean {
    const { state } = this
    return state === 'closed' || (state === 'half-open' && this.#trials === 0)
  }

  /** A query was sent. Returns what to call once with its outcome: true served, false failed, undefined neither (cancelled, busy). */
  begin(): (served: boolean | undefined) => void {
    const trial = this.state !== 'closed'
    if (trial) this.#trials += 1
    let open = true
    return (served) => {
      if (!open) return
      open = false
      if (trial) this.#trials -= 1
      if (served === true) this.reset()
      else if (served === false) this.#fail(trial)
    }
  }

  /** Closes it and forgets what was: the engine was restarted, or has served. */
  reset(): void {
    this.#failures = 0
    this.#pauseMs = this.#firstPauseMs
    this.#openUntil = undefined
  }

  #fail(trial: boolean): void {
    this.#failures += 1
    // Queries that were under way when it opened say nothing new.
    if (trial ? this.state === 'open' : this.#openUntil !== undefined || this.#failures < this.#threshold) return
    this.#openUntil = this.#clock.monotonic() + this.#pauseMs
    this.#pauseMs = Math.min(this.#maxPauseMs, this.#pauseMs * 2)
  }
}
