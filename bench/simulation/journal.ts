/** What happened to each query of a simulation, and the figures that follow from it. */
import type { Result } from './scenario.ts'

export interface SimulatedQuery {
  readonly sizeMs: number
  readonly arrivedAt: number
  /** Which one it is at its gateway, from 1. */
  number: number
  tries: number
  readonly tried: Set<string>
  heldSince: number
  /** The shortest wait that a refusal named. */
  retryAfterMs: number
  startedAt: number | undefined
  outcome: 'served' | 'rejected' | undefined
}

/** Queries of a gateway after which it should know its liars. */
const KNOWN_AFTER = 20

export interface JournalInit {
  /** What arrives earlier is not measured: the swarm fills up first. */
  readonly fromMs: number
  readonly untilMs: number
  /** Work per millisecond of the honest workers together. */
  readonly capacity: number
  readonly isLiar: (worker: string) => boolean
}

export class Journal {
  readonly #init: JournalInit
  readonly #now: () => number
  readonly #waits: number[] = []
  #arrived = 0
  #served = 0
  #rejected = 0
  #endedTwice = 0
  #refusals = 0
  #workMs = 0
  #sends = 0
  #liarSends = 0
  #maxHeld = 0
  #maxTries = 0

  constructor(now: () => number, init: JournalInit) {
    this.#now = now
    this.#init = init
  }

  get open(): number {
    return this.#arrived - this.#served - this.#rejected
  }

  arrived(sizeMs: number): SimulatedQuery {
    this.#arrived += 1
    return {
      sizeMs,
      arrivedAt: this.#now(),
      number: 0,
      tries: 0,
      tried: new Set(),
      heldSince: 0,
      retryAfterMs: Number.POSITIVE_INFINITY,
      startedAt: undefined,
      outcome: undefined,
    }
  }

  sent(query: SimulatedQuery, worker: string): void {
    this.#maxTries = Math.max(this.#maxTries, query.tries)
    if (query.number <= KNOWN_AFTER) return
    this.#sends += 1
    if (this.#init.isLiar(worker)) this.#liarSends += 1
  }

  refused(query: SimulatedQuery): void {
    if (this.#measures(query.arrivedAt)) this.#refusals += 1
  }

  started(query: SimulatedQuery): void {
    if (query.startedAt !== undefined) return
    query.startedAt = this.#now()
    if (this.#measures(query.arrivedAt)) this.#waits.push(query.startedAt - query.arrivedAt)
  }

  held(length: number): void {
    this.#maxHeld = Math.max(this.#maxHeld, length)
  }

  ended(query: SimulatedQuery, outcome: 'served' | 'rejected'): void {
    if (query.outcome !== undefined) {
      this.#endedTwice += 1
      return
    }
    query.outcome = outcome
    if (outcome === 'rejected') this.#rejected += 1
    else this.#served += 1
    if (outcome === 'served' && this.#measures(this.#now())) this.#workMs += query.sizeMs
  }

  result(maxQueued: number): Result {
    const waits = this.#waits.sort((a, b) => a - b)
    const { fromMs, untilMs, capacity } = this.#init
    return {
      arrived: this.#arrived,
      served: this.#served,
      rejected: this.#rejected,
      lost: this.open,
      endedTwice: this.#endedTwice,
      meanWaitMs: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
      p99WaitMs: waits[Math.min(waits.length - 1, Math.floor(waits.length * 0.99))] ?? 0,
      refusalsPerQuery: this.#refusals / Math.max(1, waits.length),
      goodput: this.#workMs / (capacity * (untilMs - fromMs)),
      liarShare: this.#liarSends / Math.max(1, this.#sends),
      maxQueued,
      maxHeld: this.#maxHeld,
      maxTries: this.#maxTries,
    }
  }

  #measures(at: number): boolean {
    return at >= this.#init.fromMs && at < this.#init.untilMs
  }
}
