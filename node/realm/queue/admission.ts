/**
 * How a realm refuses at the door: pure functions from its load to "come in" or "not before …". A short queue with an
 * honest refusal beats a long one: in the simulation it makes waits depend hardly at all on how old the askers' view
 * of the load is.
 */

import type { Asker } from '../../../core/scope.ts'

/** What a realm knows of itself when a query comes. */
export interface RealmLoad {
  /** Queries that can run at once, over all workers that serve the model. */
  readonly slots: number
  readonly running: number
  readonly queued: number
  /** Mean time from start to end of recent queries on one slot, milliseconds; 0 when none has ended yet. */
  readonly meanJobMs: number
}

/** An own user may wait in the queue of this node; the node of a peer has other candidates, and a queue of its own. */
export interface AdmissionBounds {
  /** The bound of a peer's query in mean answers, at least and at most in milliseconds. */
  readonly peerMeanJobs: number
  readonly peerMinMs: number
  readonly peerMaxMs: number
  /** The bound of an own query, milliseconds. */
  readonly ownMs: number
}

/**
 * A peer's query waits an eighth of a mean answer: 0.25 s for the 2 s of the simulation from which the figure comes
 * (facts: 0.25 to 1 s). Below 250 ms a query that only just missed a slot would be sent away; above 1 s another node
 * would have been faster.
 */
export const ADMISSION_BOUNDS: AdmissionBounds = {
  peerMeanJobs: 1 / 8,
  peerMinMs: 250,
  peerMaxMs: 1_000,
  ownMs: 60_000,
}

/** Assumed until the first query has ended. */
export const UNKNOWN_JOB_MS = 2_000

/** Shortest and longest time after which a refused asker is told to come back. */
const RETRY_AFTER_MIN_MS = 100
const RETRY_AFTER_MAX_MS = 30_000

export type Admission =
  | { readonly admitted: true; readonly estimatedWaitMs: number }
  | { readonly admitted: false; readonly estimatedWaitMs: number; readonly retryAfterMs: number }

/** Milliseconds that one more query would wait for a slot; 0 while one is free, infinite without any. */
export function estimateWaitMs(load: RealmLoad): number {
  if (load.slots <= 0) return Number.POSITIVE_INFINITY
  const ahead = Math.max(0, load.running + load.queued - load.slots + 1)
  return (ahead * (load.meanJobMs > 0 ? load.meanJobMs : UNKNOWN_JOB_MS)) / load.slots
}

/** The longest wait at which a query of `asker` is let in, for answers of that mean length. */
export function maxWaitMs(asker: Asker, meanJobMs: number, bounds: AdmissionBounds = ADMISSION_BOUNDS): number {
  if (asker === 'own') return bounds.ownMs
  const wanted = (meanJobMs > 0 ? meanJobMs : UNKNOWN_JOB_MS) * bounds.peerMeanJobs
  return Math.min(bounds.peerMaxMs, Math.max(bounds.peerMinMs, wanted))
}

/** Lets the query in, or says when to ask again. `maxQueued`: how many may wait at all. */
export function admit(
  asker: Asker,
  load: RealmLoad,
  maxQueued: number,
  bounds: AdmissionBounds = ADMISSION_BOUNDS,
): Admission {
  const estimatedWaitMs = estimateWaitMs(load)
  const limitMs = maxWaitMs(asker, load.meanJobMs, bounds)
  const mustQueue = load.running + load.queued >= load.slots
  if (estimatedWaitMs <= limitMs && (!mustQueue || load.queued < maxQueued)) return { admitted: true, estimatedWaitMs }
  return { admitted: false, estimatedWaitMs, retryAfterMs: retryAfterMs(estimatedWaitMs - limitMs) }
}

/** By then the wait has shrunk to what is let in, if no other query comes. Whole milliseconds within sane bounds. */
function retryAfterMs(excessMs: number): number {
  return Math.round(Math.min(RETRY_AFTER_MAX_MS, Math.max(RETRY_AFTER_MIN_MS, excessMs)))
}
