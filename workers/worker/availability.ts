/** Whether a worker that is well, and refuses nobody, takes one more query now. Pure. */
import type { Priority } from '../../core/query/query.ts'
import type { Refusal } from '../owner/owner-policy.ts'
import type { SlotCount } from './slot-count.ts'
import type { WorkerVitals } from './worker-vitals.ts'

/** Whether a query can be sent now; a refusal says why not, `busy` that it will be possible when another has ended. */
export type Availability = 'free' | 'busy' | Refusal

/**
 * A pause of at most this long is waited for in the queue; a longer one is a refusal, so that the query goes elsewhere.
 */
const WORTH_WAITING_MS = 3_000

/** What the availability of a worker is decided from. */
export interface WorkerState {
  readonly slots: Pick<SlotCount, 'free' | 'live'>
  readonly vitals: Pick<WorkerVitals, 'breaker' | 'loading'>
}

/**
 * One of a batch is taken only while no answer of this worker is waited for. `pausedMs`: how long the engine asked
 * to be left alone, from now.
 */
export function readiness({ slots, vitals }: WorkerState, pausedMs: number, priority: Priority): 'free' | 'busy' {
  if (slots.free === 0 || !vitals.breaker.allows || vitals.loading || pausedMs > 0) return 'busy'
  return priority === 'batch' && slots.live > 0 ? 'busy' : 'free'
}

/** Why a pause that the engine asked for is a refusal; undefined when it is worth waiting for. */
export function pauseRefusal(pausedMs: number): Refusal | undefined {
  return pausedMs > WORTH_WAITING_MS ? { reason: 'the engine asked for a pause', retryAfterMs: pausedMs } : undefined
}
