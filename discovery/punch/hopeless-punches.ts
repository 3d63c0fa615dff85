/**
 * Remembers between which networks no direct way was found: a punch that failed fails again until a router changes, and
 * costs both sides packets each time. By peer and by own network, so that a laptop that moves begins anew, and knows
 * the old place when it is back.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import { type BackOffRule, backOffMs } from '../contact/back-off.ts'

/** Pairs of peer and network that are kept in mind: as many as failures of dials. */
export const MAX_HOPELESS_PUNCHES = 2_000

/**
 * The first failure may be a machine that was busy for a moment. Of those that follow the router is the cause: it is
 * restarted, and its rules change, by the day rather than by the minute.
 */
const HOPELESS: BackOffRule = { firstMs: 10_000, capMs: 6 * 3_600_000 }

export interface HopelessPunchesComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  /** What tells the own network from others, as it is now. */
  readonly network: () => string
}

export interface HopelessPunchesInit {
  /** Numbers from 0 to 1. @default Math.random */
  readonly rng?: () => number
}

interface Failures {
  readonly count: number
  /** Monotonic. */
  readonly notBefore: number
}

export class HopelessPunches {
  readonly #components: HopelessPunchesComponents
  readonly #rng: () => number
  readonly #failures = new LRUCache<string, Failures>({ max: MAX_HOPELESS_PUNCHES })

  constructor(components: HopelessPunchesComponents, init: HopelessPunchesInit = {}) {
    this.#components = components
    this.#rng = init.rng ?? Math.random
  }

  /** A try has failed. Returns how long no other is worth it, milliseconds. */
  failed(peer: string): number {
    const key = this.#key(peer)
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const waitMs = backOffMs(HOPELESS, count, this.#rng)
    this.#failures.set(key, { count, notBefore: this.#components.clock.monotonic() + waitMs })
    return waitMs
  }

  /** A direct way was found. */
  forget(peer: string): void {
    this.#failures.delete(this.#key(peer))
  }

  /** Milliseconds until another try is worth it; 0 when it is now. */
  waitMs(peer: string): number {
    const notBefore = this.#failures.peek(this.#key(peer))?.notBefore ?? Number.NEGATIVE_INFINITY
    return Math.max(0, notBefore - this.#components.clock.monotonic())
  }

  #key(peer: string): string {
    return `${this.#components.network()} ${peer}`
  }
}
