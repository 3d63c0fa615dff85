/**
 * Our own sends to a peer, from the leaving of a query to its outcome: what the peer's records do not hold yet, and for
 * how long it has been silent.
 */
import type { Priority } from '../../core/query/query.ts'
import { blameOf } from '../learning/blame.ts'
import type { SendOutcome } from '../learning/evidence.ts'
import { noteBatchEnded, noteBatchSent } from './batch-room.ts'
import { learnOutcome, type SendFacts } from './learn-outcome.ts'
import type { PeerModel } from './offer.ts'

/** One query of ours at a peer, from its leaving to its outcome. Changed by this file only. */
export interface Sent extends SendFacts {
  readonly to: PeerModel | undefined
  readonly priority: Priority
  firstEventMs: number | undefined
  ended: boolean
}

/** A query leaves for `to`, which was chosen for a cost of `promisedMs`; undefined: for one that is not counted. */
export function newSend(to: PeerModel | undefined, priority: Priority, now: number, promisedMs: number): Sent {
  if (to !== undefined && priority === 'batch') noteBatchSent(to)
  else if (to !== undefined) {
    to.unreported += 1
    if (to.silent === 0) to.silentSince = now
    to.silent += 1
    to.silentPromiseMs = Math.max(to.silentPromiseMs, promisedMs)
  }
  return { to, priority, seq: to?.peer.seq ?? -1, sentAt: now, promisedMs, firstEventMs: undefined, ended: false }
}

/** The first content of the answer has come. */
export function noteFirstContent(sent: Sent, now: number): void {
  if (sent.ended || sent.firstEventMs !== undefined) return
  sent.firstEventMs = now - sent.sentAt
  if (sent.to !== undefined && sent.priority === 'live') noteSign(sent.to, now)
}

/** How the query ended. Returns the model whose evidence may have changed; undefined the second time. */
export function noteEnd(sent: Sent, outcome: SendOutcome, now: number): PeerModel | undefined {
  const { to } = sent
  if (to === undefined || sent.ended) return undefined
  sent.ended = true
  if (sent.priority === 'batch') endOfBatch(to, sent, outcome, now)
  else endOfLive(to, sent, outcome, now)
  return to
}

function endOfLive(to: PeerModel, sent: Sent, outcome: SendOutcome, now: number): void {
  if (sent.seq === to.peer.seq) to.unreported -= 1
  else to.reported -= 1
  // Our own cancelling is no sign of life.
  if (sent.firstEventMs === undefined) noteSign(to, outcome.code === 'CANCELLED' ? to.silentSince : now)
  learnOutcome(to, sent, outcome, now)
}

/** That a peer has no room for a batch, or that we cancelled one, says nothing of what it does for others. */
function endOfBatch(to: PeerModel, sent: Sent, outcome: SendOutcome, now: number): void {
  const refused = blameOf(outcome) === 'load'
  noteBatchEnded(to, { refused, retryAfterMs: outcome.retryAfterMs }, now)
  if (!refused && outcome.code !== 'CANCELLED') learnOutcome(to, sent, outcome, now)
}

/** Something came back from the peer, so it is no longer silent about one of our sends. */
function noteSign(from: PeerModel, now: number): void {
  from.silent -= 1
  from.silentSince = now
  if (from.silent === 0) from.silentPromiseMs = 0
}
