/** A realm's counters, under the names that RENT-A-HAL's pages read. */

import { ewma } from '../../core/ewma.ts'
import type { Clock } from '../../core/run/clock.ts'

/** Weight of one query in the average processing time: about the last twenty count. */
const AVERAGE_WEIGHT = 0.1

export type QueryOutcome = 'processed' | 'failed' | 'cancelled'

export class RealmCounters {
  processedQueries = 0
  errorCount = 0
  cancelled = 0
  /** Seconds, queueing included. */
  avgProcessingTime = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Opens a query's count. The returned function closes it; only its first call counts. */
  begin(): (outcome: QueryOutcome) => void {
    const startedAt = this.#clock.monotonic()
    let open = true
    return (outcome) => {
      if (!open) return
      open = false
      if (outcome === 'failed') this.errorCount += 1
      else if (outcome === 'cancelled') this.cancelled += 1
      else {
        const seconds = (this.#clock.monotonic() - startedAt) / 1_000
        this.avgProcessingTime = ewma(
          this.processedQueries === 0 ? undefined : this.avgProcessingTime,
          seconds,
          AVERAGE_WEIGHT,
        )
        this.processedQueries += 1
      }
    }
  }
}
