/**
 * One model of one peer as the router keeps it: the claims of its card and load records, our own sends that it has not
 * reported yet, and our own evidence. Mutable, owned by the RoutingView; what is computed from it here is pure.
 */

import { LOAD_BELIEVED_MS, type ModelLoad } from '../../core/model/load.ts'
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import { breakerState } from '../../core/run/circuit-breaker.ts'
import type { Relation } from '../../core/scope.ts'
import type { Evidence } from '../learning/evidence.ts'
import type { ModelNeeds } from './route-question.ts'
import type { SlotHandle } from './weighted-set.ts'

/** A record older than this counts half when candidates are drawn. */
export const RECORD_STALE_MS = 3_000

/** How readily a peer is drawn by the age of its record: fresh, stale, expired or none. */
const DRAW_FRESH = 1
const DRAW_STALE = 0.5
const DRAW_EXPIRED = 0.25

/** Round trip that is assumed until the first measurement: a neighbour on the same continent. */
export const UNKNOWN_RTT_MS = 50

/**
 * Rates that are assumed until a peer reports its own: a small card, so that a fast one is not passed over for long.
 */
export const UNKNOWN_DECODE_RATE: Readonly<Record<QueryType, number>> = {
  chat: 20,
  vision: 15,
  imagine: 0.1,
  embed: 200,
  rerank: 50,
  tokens: 20,
  transcribe: 20,
  speak: 20,
}

/**
 * A claim of more slots or of a higher rate than this draws no more queries: what a stranger says must not take all of
 * them.
 */
const MAX_CLAIMED_SLOTS = 64
const MAX_CLAIMED_RATE = 500
/** Never quite zero: what failed us long ago must be able to come back. */
const MIN_SUCCESS_FACTOR = 0.02
/** Whole-number weights: slow image models make a twentieth of an image per second and must not round to nothing. */
const WEIGHT_UNIT = 1_000
/** For `auto`: a model that must first be loaded is drawn this much less. */
const COLD_PREFERENCE = 0.1
/** For `auto`: parameters, in billions, assumed of a model that does not say, and the most that count. */
const UNKNOWN_BILLIONS = 3
const MAX_BILLIONS = 70

/** A peer, and what is true of all its models. */
export interface PeerState {
  readonly id: string
  relation: Relation
  connected: boolean
  /** A third node passes on all that goes there. */
  relayed: boolean
  rttMs: number
  /** Of the newest load record; -1 before the first. */
  seq: number
  /** When it arrived, on the caller's clock. */
  receivedAt: number
  draining: boolean
  /** Failures that say something about the whole peer. */
  evidence: Evidence
  /** By canonical name. */
  readonly models: Map<string, PeerModel>
}

/** One model of one peer, in whichever realms it is offered. */
export interface PeerModel {
  readonly peer: PeerState
  /** Slots that the card names. */
  cardSlots: number
  load: ModelLoad | undefined
  /** Own sends since the newest record: the peer's figures do not hold them yet. */
  unreported: number
  /** Own sends that still run and that the newest record should hold. */
  reported: number
  /** Own sends of which nothing has come back yet. */
  silent: number
  /** Since when it has been silent: the first of those sends, or the last sign of life after it. */
  silentSince: number
  /** The longest cost by which one of those sends was chosen. */
  silentPromiseMs: number
  readonly batch: BatchSends
  evidence: Evidence
  offers: Offer[]
}

/** Our queries of batches there, which no other figure holds: they give way. */
export interface BatchSends {
  inFlight: number
  /** Until then the peer has no room for them. */
  notBefore: number
}

/** One model of one peer in one realm: what is drawn. */
export interface Offer {
  readonly of: PeerModel
  readonly realm: string
  readonly canonical: string
  readonly model: Model
  /** Types and capabilities as bits, see `fitBits`. */
  readonly fit: number
  /** `fit` without the capabilities that are only hoped of the model. */
  readonly sure: number
  /** Parameters in billions, as far as they count for `auto`. */
  readonly billions: number
  /** Where it stands in the index; empty while it must not be drawn. */
  places: readonly SlotHandle<Offer>[]
}

const TYPE_BIT: Readonly<Record<QueryType, number>> = {
  chat: 1,
  vision: 2,
  imagine: 4,
  embed: 8,
  rerank: 8_192,
  tokens: 16_384,
  transcribe: 32_768,
  speak: 65_536,
}
const NEED_BIT: Readonly<Record<keyof ModelNeeds, number>> = {
  vision: 16,
  tools: 32,
  structured: 64,
  reasoning: 128,
  prefill: 256,
  logprobs: 512,
  raw: 1024,
  infill: 2048,
  grammar: 4096,
  edits: 131_072,
  references: 262_144,
}
const NEED_BITS = Object.entries(NEED_BIT) as readonly (readonly [keyof ModelNeeds, number])[]

/** Types and capabilities as one number, so that a query's needs are checked by one comparison. */
export function fitBits(types: readonly QueryType[], needs: ModelNeeds): number {
  let bits = 0
  for (const type of types) bits |= TYPE_BIT[type]
  for (const [need, bit] of NEED_BITS) if (needs[need] === true) bits |= bit
  return bits
}

/** The capabilities that a model is only hoped to have, as bits of `fitBits`. */
export function hopedBits({ unsure = [] }: Model): number {
  return unsure.reduce((bits, capability) => bits | NEED_BIT[capability], 0)
}

/** The peer's record of this model; undefined when there is none or it has expired. */
export function currentLoad(of: PeerModel, now: number): ModelLoad | undefined {
  return now - of.peer.receivedAt <= LOAD_BELIEVED_MS ? of.load : undefined
}

/** The share of draws in which an offer with a record of this age takes part. */
export function drawChance(of: PeerModel, now: number): number {
  const ageMs = now - of.peer.receivedAt
  if (of.load === undefined || ageMs > LOAD_BELIEVED_MS) return DRAW_EXPIRED
  return ageMs > RECORD_STALE_MS ? DRAW_STALE : DRAW_FRESH
}

/** Slots as last reported, else as the card says. 0: the engine is down. */
export function slotsOf(of: PeerModel): number {
  return of.load?.slots ?? of.cardSlots
}

/** Own sends that have not ended. */
export function inFlight(of: PeerModel): number {
  return of.unreported + of.reported + of.batch.inFlight
}

/** By how much our sends there are overdue: the least that the next one must expect, whatever its records say. */
export function overdueMs(of: PeerModel, now: number): number {
  return of.silent === 0 ? 0 : Math.max(0, now - of.silentSince - of.silentPromiseMs)
}

/**
 * Whether neither the peer's nor the model's breaker keeps queries away. Half-open, one probe at a time goes through.
 */
export function breakerAdmits(of: PeerModel, now: number): boolean {
  const model = of.evidence.breaker
  const peer = of.peer.evidence.breaker
  if (model.pauseMs === 0 && peer.pauseMs === 0) return true
  return now >= model.openUntil && now >= peer.openUntil && inFlight(of) === 0
}

/** Whether a probe is due: the breaker was opened and not closed again. */
export function isHalfOpen(of: PeerModel, now: number): boolean {
  const model = breakerState(of.evidence.breaker, now)
  return model === 'half-open' || breakerState(of.peer.evidence.breaker, now) === 'half-open'
}

/** By what probability is drawn: claimed capacity, bounded, times own evidence. 0: never. A whole number. */
export function drawWeight(offer: Offer): number {
  const { of, model } = offer
  const slots = Math.min(slotsOf(of), MAX_CLAIMED_SLOTS)
  if (slots <= 0 || of.peer.draining) return 0
  const claimed = of.load?.decodeRate ?? 0
  const rate = claimed > 0 ? Math.min(claimed, MAX_CLAIMED_RATE) : UNKNOWN_DECODE_RATE[model.types[0] ?? 'chat']
  return Math.max(
    1,
    Math.round(slots * rate * successFactor(of.evidence) * successFactor(of.peer.evidence) * WEIGHT_UNIT),
  )
}

/** The weight among all models of a realm: what does more work per token and is in memory comes first. */
export function autoWeight(offer: Offer, weight: number): number {
  if (weight === 0) return 0
  const warm = offer.of.load?.warm === false ? COLD_PREFERENCE : 1
  return Math.max(1, Math.round(weight * offer.billions * warm))
}

function successFactor(evidence: Evidence): number {
  return Math.max(MIN_SUCCESS_FACTOR, evidence.successRate * evidence.successRate)
}

/** `8B` or `800M` in billions; what counts for `auto`. */
export function billions(model: Model): number {
  const match = /^([\d.]+)\s*([bm])/i.exec(model.parameterSize ?? '')
  if (match === null) return UNKNOWN_BILLIONS
  const size = Number(match[1]) * (match[2]?.toLowerCase() === 'm' ? 0.001 : 1)
  return Number.isFinite(size) && size > 0 ? Math.min(size, MAX_BILLIONS) : UNKNOWN_BILLIONS
}
