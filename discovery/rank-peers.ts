/**
 * Which peer gets a query: two candidates drawn by capacity, the worker here, and the peer that holds the conversation's prefix;
 * of these the least estimated time to the first token. Pure: time and randomness are arguments. Never "the lowest reported load of
 * all": with reports a second old that is worse than a blind draw, because everyone sends to the same peer.
 */
import { OfferDraw } from './draw-offers.ts'
import { currentLoad, isHalfOpen, type Offer, overdueMs } from './offer.ts'
import { lateMs, NO_SENDS, serviceMs, slotWaitMs, unknownLoad } from './route-cost.ts'
import type { RouteQuestion } from './route-question.ts'
import type { RoutingView } from './routing-view.ts'

/** Stands for this node's own workers where a peer id is expected. */
export const LOCAL = 'local'

/**
 * Candidates that are compared. More of them herd as soon as records are older than a tenth of a mean answer. Drawing on while all that
 * were drawn are full does not: it takes the first with room, not the best of many.
 */
const DRAWN = 2
const MAX_DRAWN = 8
/** Share of decisions that look for a peer which would not be chosen by its record: a probe of a broken one, or one that is silent. */
const EXPLORATION = 0.03
/** A peer on probation comes after everyone else. */
const PROBATION_MS = 30_000
/** Affinity is kept while it costs at most this many times the best. */
const AFFINITY_FACTOR = 2
/** Differences below this are not worth a cold prompt, milliseconds. */
const AFFINITY_FLOOR_MS = 50

export interface Choice {
  /** Peer id, or `LOCAL`. */
  readonly node: string
  /** The exact name that the engine there uses. */
  readonly model: string
  /** Estimated milliseconds to the first token. */
  readonly cost: number
  readonly hit: 'affinity' | 'local' | 'drawn' | 'explored'
}

interface Candidate extends Choice {
  /** The part of `cost` that is spent waiting for a slot. */
  readonly waitMs: number
  /** `cost`, or what our own evidence says where that is longer: the rest of a penalty, or sends that are overdue. */
  readonly score: number
}

/** The candidates for one try, best first; empty when nobody fits. `rng` gives numbers from 0 up to, not including, 1. */
export function rankPeers(
  view: RoutingView,
  question: RouteQuestion,
  now: number,
  rng: () => number,
): readonly Choice[] {
  const candidates: Candidate[] = []
  if (question.local !== undefined && !question.exclude.has(LOCAL)) candidates.push(localCandidate(question))
  const pool = view.pool(question.realm, question.model)
  if (pool !== undefined && question.scope !== 'local') {
    const draw = new OfferDraw(pool, question, now, rng)
    drawCandidates(candidates, draw, question, now)
    candidates.sort(byScore)
    preferAffinity(candidates, draw, view, question, now)
    if (candidates.length > 0 && rng() < EXPLORATION) explore(candidates, draw, question, now)
  }
  return candidates
}

/** Two by capacity; while nobody has room, some more, and no further than to the first that has. */
function drawCandidates(candidates: Candidate[], draw: OfferDraw, question: RouteQuestion, now: number): void {
  const drawn: Offer[] = []
  while (drawn.length < DRAWN || (drawn.length < MAX_DRAWN && !candidates.some(hasRoom))) {
    const offer = draw.one(drawn)
    if (offer === undefined) return
    drawn.push(offer)
    candidates.push(candidate(offer, question, now, 'drawn'))
  }
}

/** Whether nothing says that the query would wait there. */
function hasRoom({ score, cost, waitMs }: Candidate): boolean {
  return waitMs === 0 && score === cost
}

function byScore(a: Candidate, b: Candidate): number {
  return a.score - b.score
}

function localCandidate(question: RouteQuestion): Candidate {
  const { model, load } = question.local ?? { model: '', load: unknownLoad('', 1) }
  const waitMs = slotWaitMs(load, NO_SENDS, question)
  const cost = waitMs + serviceMs(load, question, question.affinity === LOCAL)
  return { node: LOCAL, model, cost, waitMs, score: cost, hit: 'local' }
}

function candidate(offer: Offer, question: RouteQuestion, now: number, hit: Choice['hit']): Candidate {
  const { of, model } = offer
  const { peer, evidence } = of
  const load = currentLoad(of, now) ?? unknownLoad(offer.canonical, of.cardSlots)
  const waitMs = slotWaitMs(load, of, question)
  const cost = peer.rttMs + waitMs + serviceMs(load, question, hit === 'affinity') + lateMs(evidence)
  const penalty = Math.max(evidence.penaltyUntil, peer.evidence.penaltyUntil) - now
  const probation = isHalfOpen(of, now) ? PROBATION_MS : 0
  const score = Math.max(cost, penalty, probation, overdueMs(of, now))
  return { node: peer.id, model: model.name, cost, waitMs, score, hit }
}

/** Puts the peer that knows the prefix first, unless it costs more than twice the best. */
function preferAffinity(
  candidates: Candidate[],
  draw: OfferDraw,
  view: RoutingView,
  question: RouteQuestion,
  now: number,
): void {
  const id = question.affinity
  if (id === undefined || id === LOCAL) return
  const offer = draw.ofPeer(view.offersOf(id, question.realm))
  if (offer === undefined) return
  const holder = candidate(offer, question, now, 'affinity')
  const best = candidates[0]
  if (best !== undefined && holder.score > Math.max(best.score * AFFINITY_FACTOR, AFFINITY_FLOOR_MS)) return
  putFirst(candidates, holder)
}

/** Asks a peer that its record or our evidence would keep away for ever. */
function explore(candidates: Candidate[], draw: OfferDraw, question: RouteQuestion, now: number): void {
  const offer = draw.blind()
  if (offer === undefined || !draw.needsTrial(offer) || !draw.fits(offer)) return
  putFirst(candidates, candidate(offer, question, now, 'explored'))
}

function putFirst(candidates: Candidate[], first: Candidate): void {
  const drawn = candidates.findIndex((other) => other.node === first.node)
  if (drawn >= 0) candidates.splice(drawn, 1)
  candidates.unshift(first)
}
