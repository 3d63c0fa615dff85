/**
 * Which peers a query of a batch may be sent to: those that have nothing else to do, as far as is known. What is sent
 * there gives way to all others, so that it counts for nothing in the figures by which other queries are routed.
 */
import { currentLoad, type PeerModel, slotsOf } from './offer.ts'

/** How long a peer is left alone that had no room for a batch and does not say, milliseconds. */
const NOT_IDLE_MS = 1_000

/** A longer time than this is not waited for, whatever the peer names: its owner may be done sooner. */
const MAX_NOT_IDLE_MS = 30_000

/** Whether the peer has, or may have, an idle slot of the model. */
export function isIdle(of: PeerModel, now: number): boolean {
  const load = currentLoad(of, now)
  const live = (load?.running ?? 0) + (load?.queued ?? 0) + of.unreported
  return live === 0 && of.batch.inFlight < slotsOf(of) && now >= of.batch.notBefore
}

/** A query of a batch leaves for the peer. */
export function noteBatchSent({ batch }: PeerModel): void {
  batch.inFlight += 1
}

/** It ended. `refused`: the peer had no room; it is asked again after `retryAfterMs`. */
export function noteBatchEnded(
  { batch }: PeerModel,
  { refused, retryAfterMs = NOT_IDLE_MS }: { readonly refused: boolean; readonly retryAfterMs?: number | undefined },
  now: number,
): void {
  batch.inFlight -= 1
  if (refused) batch.notBefore = Math.max(batch.notBefore, now + Math.min(retryAfterMs, MAX_NOT_IDLE_MS))
}
