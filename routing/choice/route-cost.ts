/** How long until the first token, as far as can be told: the one number by which candidates are compared. Pure. */
import type { ModelLoad } from '../../core/model/load.ts'
import type { Evidence } from '../learning/evidence.ts'
import { UNKNOWN_DECODE_RATE } from '../offers/offer.ts'
import type { RouteQuestion } from '../offers/route-question.ts'

/** Prompt tokens per second that are assumed until a peer reports its own. */
const UNKNOWN_PREFILL_RATE = 500
/** Time to bring a model into memory: some gigabytes from a disk of home machines. */
export const COLD_LOAD_MS = 8_000
/** First events that come later than promised by no more than this are noise. */
const LATE_TOLERANCE_MS = 500

/** Queries of our own at the candidate. */
export interface OwnSends {
  /** Not in its record yet. */
  readonly unreported: number
  /** Still running, and its record should hold them. */
  readonly reported: number
}

export const NO_SENDS: OwnSends = { unreported: 0, reported: 0 }

/** A record that says nothing of load: as many queries as slots, so that a peer known to be free comes first. */
export function unknownLoad(model: string, slots: number): ModelLoad {
  return { model, slots, running: slots, queued: 0, estimatedWaitMs: 0, decodeRate: 0, prefillRate: 0, warm: true }
}

/** Queries that must end before one more can run, when `present` are there. */
function ahead(present: number, slots: number): number {
  return Math.max(0, present - slots + 1)
}

/**
 * Milliseconds that the query waits for a slot. The peer's own estimate is preferred; our unreported sends come on top.
 * It is never believed to hold less than what we ourselves sent and have not seen ended.
 */
export function slotWaitMs(load: ModelLoad, sends: OwnSends, question: RouteQuestion): number {
  const slots = Math.max(1, load.slots)
  const claimed = load.running + load.queued
  const present = Math.max(claimed, sends.reported) + sends.unreported
  const perQueryMs = answerMs(load, question) / slots
  if (load.estimatedWaitMs <= 0) return ahead(present, slots) * perQueryMs
  return load.estimatedWaitMs + (ahead(present, slots) - ahead(claimed, slots)) * perQueryMs
}

/**
 * Milliseconds from the slot to the first token; to the last one for a query that is not streamed. `cached`: the prompt
 * is in memory there.
 */
export function serviceMs(load: ModelLoad, question: RouteQuestion, cached: boolean): number {
  const prefillRate = load.prefillRate > 0 ? load.prefillRate : UNKNOWN_PREFILL_RATE
  return (
    (cached ? 0 : (question.promptTokens / prefillRate) * 1_000) +
    (load.warm ? 0 : COLD_LOAD_MS) +
    (question.streamed ? 0 : answerMs(load, question))
  )
}

/** Milliseconds that a slot there is taken by an answer of the expected length. */
function answerMs(load: ModelLoad, question: RouteQuestion): number {
  const rate = load.decodeRate > 0 ? load.decodeRate : UNKNOWN_DECODE_RATE[question.type]
  return (question.expectedTokens / rate) * 1_000
}

/** What own evidence adds: the lateness that claims did not tell. */
export function lateMs(evidence: Evidence): number {
  return evidence.lateMs > LATE_TOLERANCE_MS ? evidence.lateMs : 0
}
