/**
 * Bounds what the swarm costs this node in bytes although nobody asks anything. Above its budget a node says nothing to
 * the whole swarm, dials no hints while it has peers, and looks for nobody in the background; what a query needs goes
 * on.
 */
import type { Clock } from '../../core/run/clock.ts'
import type { TrafficStatus } from '../api/node-api.ts'
import { ALL_PARTS, type SwarmTraffic } from './traffic.ts'

const DAY_MS = 86_400_000
const MB = 1e6
/** What may be spent at once, of a day: joining a large swarm costs as much as hours in it. */
const BURST_OF_DAY = 1 / 12
/** And at least so much. */
const MIN_BURST_BYTES = 5 * MB

export interface BackgroundBudgetComponents {
  readonly traffic: Pick<SwarmTraffic, 'flows'>
  readonly clock: Pick<Clock, 'monotonic'>
  /** Megabytes of a day, both ways, as it is configured now. */
  readonly mbPerDay: () => number
}

export class BackgroundBudget {
  readonly #components: BackgroundBudgetComponents
  #left: number
  #spent = 0
  #at: number

  constructor(components: BackgroundBudgetComponents) {
    this.#components = components
    this.#at = components.clock.monotonic()
    this.#left = burst(components.mbPerDay())
  }

  /** Whether anything may be done in the background now. */
  readonly admits = (): boolean => {
    const { clock, mbPerDay } = this.#components
    const now = clock.monotonic()
    const spent = this.#background()
    const earned = ((now - this.#at) * mbPerDay() * MB) / DAY_MS
    this.#left = Math.min(burst(mbPerDay()), this.#left + earned) - (spent - this.#spent)
    this.#at = now
    this.#spent = spent
    return this.#left > 0
  }

  /** What was sent and received since the start, by part, and whether the budget is used up. */
  status(): TrafficStatus {
    const all = this.#components.traffic.flows().get(ALL_PARTS) ?? { sent: 0, received: 0 }
    const parts = [...this.#components.traffic.flows()].filter(([part]) => part !== ALL_PARTS)
    return {
      ...all,
      parts: Object.fromEntries(parts),
      background: { bytes: this.#background(), mbPerDay: this.#components.mbPerDay(), spent: !this.admits() },
    }
  }

  /** Of all parts but queries, which are not looked into. */
  #background(): number {
    let bytes = 0
    for (const [part, { sent, received }] of this.#components.traffic.flows()) {
      if (part !== ALL_PARTS) bytes += sent + received
    }
    return bytes
  }
}

function burst(mbPerDay: number): number {
  return Math.max(MIN_BURST_BYTES, mbPerDay * MB * BURST_OF_DAY)
}
