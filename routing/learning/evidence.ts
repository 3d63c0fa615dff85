/**
 * What this node has seen of a peer itself, which outranks whatever the peer claims: how often it served, how fast it
 * began, how often it failed in a row. The breaker and the penalty follow from it. Pure: each outcome makes a new
 * value, `now` is an argument.
 */

import { ewma } from '../../core/ewma.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'
import { type Breaker, type BreakerRule, breakerAfterFailure, NEVER_FAILED } from '../../core/run/circuit-breaker.ts'

/** How one try at a peer ended. */
export interface SendOutcome {
  readonly ok: boolean
  /** Absent when `ok`. */
  readonly code?: ErrorCode
  /** From the refusal, where the peer said it. */
  readonly retryAfterMs?: number
}

/**
 * A peer that fails is left alone for half a minute at first: its own node finds out and restarts what hangs within
 * that time.
 */
export const PEER_BREAKER: BreakerRule = { failures: 3, pauseMs: 30_000, maxPauseMs: 3_600_000 }

/** Weight of one outcome in the averages: about the last ten count. */
const OUTCOME_WEIGHT = 0.2
/** Penalty after the first failure; doubled per failure in a row until the breaker takes over. */
const FAILURE_PENALTY_MS = 5_000
/**
 * Penalty of a refusal for load when the peer names none: about a quarter of a mean answer, as long as its queue bound.
 */
const LOAD_PENALTY_MS = 500
/** Penalty of a peer that does not serve us what its card offers: longer than its next card needs to arrive. */
const DOOR_PENALTY_MS = 15_000
/** Penalty of a refusal that the peer's own record contradicts, and the most that its doubling reaches. */
const CONTRADICTION_PENALTY_MS = 2_000
const CONTRADICTION_MAX_MS = 300_000
/**
 * Refusals in a row that honest load explains; from here each doubles the penalty, for a peer may claim to be free and
 * always refuse.
 */
const PATIENCE_REFUSALS = 8
/** Between two fresh starts of a peer's pauses: a rig is seldom restarted more often. */
export const GRACE_EVERY_MS = 300_000
/** No refusal keeps a peer away for longer, whatever it names. */
export const PENALTY_MAX_MS = 30_000

export interface Evidence {
  /** Outcomes that said something about the peer. */
  readonly outcomes: number
  /** 0 to 1, recent outcomes weigh more; 1 until the first. Refusals do not count. */
  readonly successRate: number
  /** Average of recent first events, milliseconds. */
  readonly firstEventMs: number | undefined
  /** By how much first events came later than the peer's claims promised, averaged, milliseconds. */
  readonly lateMs: number
  readonly refusalsInRow: number
  /** Until then (`now` of the caller) the peer counts as at least that far away from serving us. */
  readonly penaltyUntil: number
  readonly breaker: Breaker
  /** When its pauses last began anew because it was connected again. */
  readonly gracedAt: number
}

/** Nothing was seen yet: taken at its word until it fails. */
export const NO_EVIDENCE: Evidence = {
  outcomes: 0,
  successRate: 1,
  firstEventMs: undefined,
  lateMs: 0,
  refusalsInRow: 0,
  penaltyUntil: 0,
  breaker: NEVER_FAILED,
  gracedAt: Number.NEGATIVE_INFINITY,
}

/**
 * The evidence after one more success. `promisedMs` is the cost by which the peer was chosen: what begins later than
 * that counts against its claims.
 */
export function afterSuccess(before: Evidence, firstEventMs: number, promisedMs: number): Evidence {
  return {
    outcomes: before.outcomes + 1,
    successRate: ewma(before.successRate, 1, OUTCOME_WEIGHT),
    firstEventMs: ewma(before.firstEventMs, firstEventMs, OUTCOME_WEIGHT),
    lateMs: ewma(before.lateMs, Math.max(0, firstEventMs - promisedMs), OUTCOME_WEIGHT),
    refusalsInRow: 0,
    penaltyUntil: 0,
    breaker: NEVER_FAILED,
    gracedAt: before.gracedAt,
  }
}

/** The evidence after one more failure, of a send that left at `sentAt`: a growing penalty, then the breaker. */
export function afterFailure(before: Evidence, sentAt: number, now: number): Evidence {
  const breaker = breakerAfterFailure(before.breaker, PEER_BREAKER, sentAt, now)
  const penaltyMs = Math.min(PENALTY_MAX_MS, FAILURE_PENALTY_MS * 2 ** (breaker.failures - 1))
  return {
    ...before,
    outcomes: before.outcomes + 1,
    successRate: ewma(before.successRate, 0, OUTCOME_WEIGHT),
    penaltyUntil: Math.max(before.penaltyUntil, now + penaltyMs),
    breaker,
  }
}

/** The evidence after a refusal: no failure, but no use to ask again before the time that the peer names. */
export function afterRefusal(before: Evidence, blame: 'load' | 'door', outcome: SendOutcome, now: number): Evidence {
  const refusalsInRow = before.refusalsInRow + 1
  const named = outcome.retryAfterMs ?? (blame === 'load' ? LOAD_PENALTY_MS : DOOR_PENALTY_MS)
  const doubled = named * 2 ** Math.min(10, Math.max(0, refusalsInRow - PATIENCE_REFUSALS))
  return {
    ...before,
    refusalsInRow,
    penaltyUntil: Math.max(before.penaltyUntil, now + Math.min(PENALTY_MAX_MS, doubled)),
  }
}

/**
 * The evidence after a refusal that was contradicted: "for load" by the peer's own newer record, "for the request" by
 * another place that served it. Once may be a race or an odd engine; a peer that keeps doing it is of no use, and each
 * time it is left alone for twice as long.
 */
export function afterContradiction(before: Evidence, now: number): Evidence {
  const refusalsInRow = before.refusalsInRow + 1
  const penaltyMs = Math.min(CONTRADICTION_MAX_MS, CONTRADICTION_PENALTY_MS * 2 ** Math.min(10, refusalsInRow - 1))
  return {
    ...before,
    outcomes: before.outcomes + 1,
    successRate: ewma(before.successRate, 0, OUTCOME_WEIGHT),
    refusalsInRow,
    penaltyUntil: Math.max(before.penaltyUntil, now + penaltyMs),
  }
}

/**
 * The evidence after a send that we cancelled before anything came, `waitedMs` after it left: no failure, but what is
 * known of its lateness counts. Else a peer that swallows queries would stay clean as long as hedges and impatient
 * clients save it from the time limit.
 */
export function afterSilence(before: Evidence, waitedMs: number, promisedMs: number): Evidence {
  const late = waitedMs - promisedMs
  return late > before.lateMs ? { ...before, lateMs: ewma(before.lateMs, late, OUTCOME_WEIGHT) } : before
}

/**
 * The evidence when the peer is connected anew, at `at` where that is known: a rig that was restarted may be tried at
 * once, one query at a time, and its pauses begin anew. After a probe that failed only once in `GRACE_EVERY_MS`: a peer
 * that comes and goes must wait like every other.
 */
export function afterReconnect(before: Evidence, at?: number): Evidence {
  const { breaker, gracedAt } = before
  const due = at !== undefined && breaker.pauseMs > 0 && at - gracedAt >= GRACE_EVERY_MS
  if (!due && breaker.pauseMs !== PEER_BREAKER.pauseMs) return before
  const fresh = { ...breaker, pauseMs: PEER_BREAKER.pauseMs, openUntil: 0 }
  return { ...before, penaltyUntil: 0, gracedAt: at ?? gracedAt, breaker: fresh }
}
