/** A realm's counters, under the names that RENT-A-HAL's pages read. */

import { ewma } from '../../core/ewma.ts'

/** Weight of one query in the average processing time: about the last twenty count. */
const AVERAGE_WEIGHT = 0.1

/** Times of single queries that are told: enough for a page to draw, some hundred bytes to copy per query. */
export const MAX_TOLD_TIMES = 20

export type QueryOutcome = 'processed' | 'failed' | 'cancelled'

export class RealmCounters {
  processedQueries = 0
  errorCount = 0
  cancelled = 0
  /** Queries of this realm that a backup realm answered. */
  crossRealm = 0
  /** Seconds, queueing included. */
  avgProcessingTime = 0
  #times: readonly number[] = []

  /** Seconds of the latest queries, queueing included, oldest first; `MAX_TOLD_TIMES` at most. */
  get processingTimes(): readonly number[] {
    return this.#times
  }

  /** A query ended, `tookMs` after it was accepted. */
  count(outcome: QueryOutcome, tookMs: number): void {
    if (outcome === 'failed') this.errorCount += 1
    else if (outcome === 'cancelled') this.cancelled += 1
    else {
      const before = this.processedQueries === 0 ? undefined : this.avgProcessingTime
      this.avgProcessingTime = ewma(before, tookMs / 1_000, AVERAGE_WEIGHT)
      this.#times = [...this.#times, tookMs / 1_000].slice(-MAX_TOLD_TIMES)
      this.processedQueries += 1
    }
  }
}
