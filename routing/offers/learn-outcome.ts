/** What the end of one send teaches: which evidence of the model and of its peer changes, and how. */
import { blameOf } from '../learning/blame.ts'
import {
  afterContradiction,
  afterFailure,
  afterRefusal,
  afterSilence,
  afterSuccess,
  type SendOutcome,
} from '../learning/evidence.ts'
import type { PeerModel } from './offer.ts'

/** What is known of a send when it ends. */
export interface SendFacts {
  /** The peer's newest record when it was sent: a newer one counts it. */
  readonly seq: number
  readonly sentAt: number
  /** The cost by which the peer was chosen, milliseconds. */
  readonly promisedMs: number
  /** Milliseconds from the send to the first content; undefined while none came. */
  readonly firstEventMs: number | undefined
}

/** What the outcome says of the model there and of the whole peer. */
export function learnOutcome(at: PeerModel, sent: SendFacts, outcome: SendOutcome, now: number): void {
  const { peer } = at
  const blame = blameOf(outcome)
  if (outcome.ok) {
    const firstEventMs = sent.firstEventMs ?? now - sent.sentAt
    at.evidence = afterSuccess(at.evidence, firstEventMs, sent.promisedMs)
    peer.evidence = afterSuccess(peer.evidence, firstEventMs, sent.promisedMs)
  } else if (blame === 'load' && contradictsItself(at, sent)) {
    at.evidence = afterContradiction(at.evidence, now)
  } else if (blame === 'load' || blame === 'door') {
    at.evidence = afterRefusal(at.evidence, blame, outcome, now)
  } else if (blame === 'none' || blame === 'request') {
    if (sent.firstEventMs === undefined) at.evidence = afterSilence(at.evidence, now - sent.sentAt, sent.promisedMs)
  } else {
    at.evidence = afterFailure(at.evidence, sent.sentAt, now)
    if (blame === 'peer') peer.evidence = afterFailure(peer.evidence, sent.sentAt, now)
  }
}

/** Another place served what was refused here as wrong in itself: the refusal was not true. */
export function learnContradiction(at: PeerModel, now: number): void {
  at.evidence = afterContradiction(at.evidence, now)
}

/** Whether a record that came after the send, as one does with every refusal, says that there is room. */
function contradictsItself({ peer, load }: PeerModel, sent: SendFacts): boolean {
  return load !== undefined && sent.seq !== peer.seq && load.running + load.queued < load.slots
}
