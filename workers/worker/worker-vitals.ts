/**
 * Whether a worker's engine is there, and how well it does: probes and queries go in, one verdict comes out. An engine
 * that is gone is marked at once; one that is slow or odd gets a second look first.
 */
import { type BreakerRule, CircuitBreaker } from '../../core/run/circuit-breaker.ts'
import type { Clock } from '../../core/run/clock.ts'
import { messageOf } from '../../core/thrown.ts'
import { LOADING_SILENCE_MS } from '../../engines/http/answer-stream.ts'
import type { Refusal } from '../owner/owner-policy.ts'
import { FULL_HEALTH, HEALTH_RULES, type Health, type HealthSign, nextHealth } from './health-policy.ts'
import { isUnreachable, type ProbeOutcome } from './probe-outcome.ts'

/** How a query of this worker ended, as far as its health is concerned. */
export type RunOutcome = { readonly kind: 'served' | 'neutral' } | { readonly kind: 'failed'; readonly error: unknown }

export interface WorkerVitalsInit {
  /** Row of the health rules, now. @default `general` */
  readonly rules?: () => keyof typeof HEALTH_RULES
  /** Milliseconds between two probes of an engine that is well. @default 1200 */
  readonly probeIntervalMs?: number
  /** @default WORKER_BREAKER */
  readonly breaker?: BreakerRule
}

/** An engine that fails while it answers probes: a short pause, because most recover or restart within seconds. */
export const WORKER_BREAKER: BreakerRule = { failures: 3, pauseMs: 2_000, maxPauseMs: 60_000 }
/** Keeps "engine gone" visible within two seconds, with the second look and the probe's own time. */
export const DEFAULT_PROBE_INTERVAL_MS = 1_200
/** How often an engine that loads is asked whether it has done. */
const LOADING_INTERVAL_MS = 1_000

/** How soon an engine that did not answer is looked at again. */
const SECOND_LOOK_MS = 300
/** An engine that is down is looked for often at first (it restarts), then less. */
const DOWN_INTERVALS_MS = [1_000, 1_000, 2_000, 3_000, 5_000] as const
/** What is probed rarely (a cloud) is looked for at this part of its interval at least. */
const DOWN_SHARE = 12
/** RENT-A-HAL's pace: probes that succeed more often than this keep the worker alive, but earn no points. */
const POINTS_INTERVAL_MS = 60_000

interface ProbeRow {
  readonly sign?: HealthSign
  /** Such outcomes in a row after which the engine counts as down. */
  readonly downAfter: number
}

const PROBE: Readonly<Record<ProbeOutcome, ProbeRow>> = {
  answered: { sign: 'probeAnswered', downAfter: Number.POSITIVE_INFINITY },
  busy: { downAfter: Number.POSITIVE_INFINITY },
  loading: { downAfter: Number.POSITIVE_INFINITY },
  refused: { sign: 'probeRefused', downAfter: 2 },
  silent: { sign: 'probeSilent', downAfter: 2 },
  unreachable: { sign: 'probeSilent', downAfter: 1 },
}

export class WorkerVitals {
  readonly breaker: CircuitBreaker
  readonly #clock: Clock
  readonly #rules: () => keyof typeof HEALTH_RULES
  readonly #intervalMs: number
  #health: Health = FULL_HEALTH
  #up = false
  #reason = 'not looked at yet'
  #misses = 0
  /** When it last said that it loads; undefined when it does not. */
  #loadingAt: number | undefined
  #pointsAt = Number.NEGATIVE_INFINITY

  constructor({ clock }: { readonly clock: Clock }, init: WorkerVitalsInit = {}) {
    this.#clock = clock
    this.#rules = init.rules ?? (() => 'general')
    this.#intervalMs = init.probeIntervalMs ?? DEFAULT_PROBE_INTERVAL_MS
    this.breaker = new CircuitBreaker({ clock }, init.breaker ?? WORKER_BREAKER)
  }

  /** Whether the engine answers. */
  get up(): boolean {
    return this.#up
  }

  get health(): Health {
    return this.#health
  }

  /** Why no query is sent for now; undefined when one can be, or one is being tried. */
  get trouble(): Refusal | undefined {
    if (!this.#up) return { reason: this.#reason }
    if (this.#health.blacklisted) return { reason: 'blacklisted: it failed too often' }
    if (this.breaker.state !== 'open') return undefined
    return { reason: 'failed several queries, one after the other', retryAfterMs: this.breaker.waitMs }
  }

  /** Whether the engine is there, but its model not yet in memory. */
  get loading(): boolean {
    return this.#up && this.#loadingAt !== undefined
  }

  /** Whether the last look found nothing amiss. */
  get steady(): boolean {
    return this.#up && this.#misses === 0 && this.#loadingAt === undefined
  }

  /** Milliseconds until the next probe is due. */
  get nextProbeMs(): number {
    if (this.loading) return Math.min(LOADING_INTERVAL_MS, this.#intervalMs)
    if (this.#up) return this.#misses > 0 ? Math.min(SECOND_LOOK_MS, this.#intervalMs) : this.#intervalMs
    const step = Math.min(this.#misses, DOWN_INTERVALS_MS.length) - 1
    return Math.max(DOWN_INTERVALS_MS[Math.max(0, step)] ?? 0, this.#intervalMs / DOWN_SHARE)
  }

  /** A probe ended so. `message` says why, where it did not answer. */
  probed(outcome: ProbeOutcome, message = ''): void {
    const now = this.#clock.monotonic()
    if (outcome === 'silent' && this.#loadingAt !== undefined && now - this.#loadingAt < LOADING_SILENCE_MS) return
    this.#loadingAt = outcome === 'loading' ? now : undefined
    const row = PROBE[outcome]
    const alive =
      row.downAfter === Number.POSITIVE_INFINITY || (outcome === 'refused' && !HEALTH_RULES[this.#rules()].blacklists)
    if (row.sign !== undefined) this.#score(row.sign)
    if (alive) {
      this.#alive()
      return
    }
    this.#misses += 1
    if (!this.#up || this.#misses >= row.downAfter) this.#down(message)
  }

  /** A query is sent; call the returned function with how it ended; only the first call counts. */
  begin(): (outcome: RunOutcome) => void {
    const settle = this.breaker.begin()
    let open = true
    return (outcome) => {
      if (!open) return
      open = false
      settle(outcome.kind === 'neutral' ? undefined : outcome.kind === 'served')
      if (outcome.kind === 'served') {
        this.#score('queryServed')
        this.#misses = 0
      } else if (outcome.kind === 'failed') {
        this.#score('queryFailed')
        if (isUnreachable(outcome.error)) this.#down(messageOf(outcome.error))
      }
    }
  }

  #alive(): void {
    this.#misses = 0
    if (this.#up) return
    this.#up = true
    // A new run of the engine: what the old one did is no guide, but the score stays as the memory of it.
    this.breaker.reset()
  }

  #down(message: string): void {
    this.#up = false
    this.#misses = Math.max(1, this.#misses)
    this.#reason = message === '' ? 'does not answer' : message
  }

  #score(sign: HealthSign): void {
    const now = this.#clock.monotonic()
    const good = sign === 'probeAnswered'
    if (good && !this.#health.blacklisted && now - this.#pointsAt < POINTS_INTERVAL_MS) return
    if (good) this.#pointsAt = now
    this.#health = nextHealth(this.#health, sign, HEALTH_RULES[this.#rules()])
  }
}
