/**
 * Which peer gets a query: two candidates drawn by capacity, the worker here, and the peer that holds the
 * conversation's prefix; of these the least estimated time to the first token. Pure: time and randomness are arguments.
 * Never "the lowest reported load of all": with reports a second old that is worse than a blind draw, because everyone
 * sends to the same peer.
 */
import { OfferDraw } from '../offers/draw-offers.ts'
import { currentLoad, isHalfOpen, type Offer, overdueMs } from '../offers/offer.ts'
import type { RouteQuestion } from '../offers/route-question.ts'
import type { RoutingView } from '../offers/routing-view.ts'
import { lateMs, NO_SENDS, serviceMs, slotWaitMs, unknownLoad } from './route-cost.ts'

/** Stands for this node's own workers where a peer id is expected. */
export const LOCAL = 'local'

/**
 * Candidates that are drawn. Three or four are better only while records are younger than a tenth of a mean answer;
 * beyond that, and with many gateways, they herd. Drawing on until one has room herds too: at 100 gateways it doubles
 * the refusals.
 */
const DRAWN = 2
/**
 * Share of decisions that look for a peer which would not be chosen by its record: a probe of a broken one, or one that
 * is silent.
 */
const EXPLORATION = 0.04
/** Offers that are looked at for one that needs a trial: in a home swarm that is everybody. */
const TRIAL_LOOKS = 8
/** A peer on probation comes after every other that can serve within this time. */
const PROBATION_MS = 5_000
/**
 * A place of which it is not known whether it can do what the query needs comes after every one that is sure and can
 * serve within this time: where it cannot, that much and more is lost by asking twice.
 */
const UNSURE_MS = 5_000
/**
 * What a relayed peer must be faster by: each of its tokens costs a third node's line, and that node may be gone in the
 * middle of an answer. Also keeps one whose round trip is known behind a direct one whose is not.
 */
const RELAYED_MS = 100
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
  readonly hit: 'affinity' | 'local' | 'drawn' | 'explored' | 'host'
  /** Tokens that the model there holds, as far as it says. */
  readonly contextLength?: number | undefined
  /** Whether the model there is known to have all that the query needs. */
  readonly sure: boolean
}

interface ScoredChoice extends Choice {
  /** `cost`, or what our own evidence says where that is longer: the rest of a penalty, or sends that are overdue. */
  readonly score: number
}

/**
 * The candidates for one try, best first; empty when none fits. `rng` gives numbers from 0 up to, not including, 1.
 */
export function rankPeers(
  view: RoutingView,
  question: RouteQuestion,
  now: number,
  rng: () => number,
): readonly Choice[] {
  const candidates: ScoredChoice[] = []
  if (question.local !== undefined && !question.exclude.has(LOCAL)) candidates.push(localCandidate(question))
  const pool = view.pool(question.realm, question.model)
  if (pool !== undefined && question.scope !== 'local') {
    const draw = new OfferDraw(pool, question, now, rng)
    for (const offer of draw.several(DRAWN)) candidates.push(candidate(offer, draw, question, now, 'drawn'))
    candidates.sort(byScore)
    preferAffinity(candidates, draw, view, question, now)
    if (candidates.length > 0 && rng() < EXPLORATION) explore(candidates, draw, question, now)
  }
  return candidates
}

function byScore(a: ScoredChoice, b: ScoredChoice): number {
  return a.score - b.score
}

function localCandidate(question: RouteQuestion): ScoredChoice {
  const { model, load, contextLength, sure = true } = question.local ?? { model: '', load: unknownLoad('', 1) }
  const cost = slotWaitMs(load, NO_SENDS, question) + serviceMs(load, question, question.affinity === LOCAL)
  return { node: LOCAL, model, cost, score: cost + doubtMs(sure), hit: 'local', contextLength, sure }
}

function candidate(
  offer: Offer,
  draw: OfferDraw,
  question: RouteQuestion,
  now: number,
  hit: Choice['hit'],
): ScoredChoice {
  const { of, model } = offer
  const { peer, evidence } = of
  const load = currentLoad(of, now) ?? unknownLoad(offer.canonical, of.cardSlots)
  const serving = slotWaitMs(load, of, question) + serviceMs(load, question, hit === 'affinity')
  const cost = peer.rttMs + (peer.relayed ? RELAYED_MS : 0) + serving + lateMs(evidence)
  const penalty = Math.max(evidence.penaltyUntil, peer.evidence.penaltyUntil) - now
  const probation = isHalfOpen(of, now) ? PROBATION_MS : 0
  const sure = draw.isSure(offer)
  const score = Math.max(cost, penalty, probation, overdueMs(of, now)) + doubtMs(sure)
  return { node: peer.id, model: model.name, cost, score, hit, contextLength: model.contextLength, sure }
}

function doubtMs(sure: boolean): number {
  return sure ? 0 : UNSURE_MS
}

/** Puts the peer that knows the prefix first, unless it costs more than twice the best. */
function preferAffinity(
  candidates: ScoredChoice[],
  draw: OfferDraw,
  view: RoutingView,
  question: RouteQuestion,
  now: number,
): void {
  const id = question.affinity
  if (id === undefined || id === LOCAL) return
  const offer = draw.ofPeer(view.offersOf(id, question.realm))
  if (offer === undefined) return
  const holder = candidate(offer, draw, question, now, 'affinity')
  const best = candidates[0]
  if (best !== undefined && holder.score > Math.max(best.score * AFFINITY_FACTOR, AFFINITY_FLOOR_MS)) return
  putFirst(candidates, holder)
}

/** Asks a peer that its record or our evidence would keep away for ever. */
function explore(candidates: ScoredChoice[], draw: OfferDraw, question: RouteQuestion, now: number): void {
  for (let look = 0; look < TRIAL_LOOKS; look += 1) {
    const offer = draw.blind()
    if (offer === undefined || !draw.needsTrial(offer) || !draw.fits(offer)) continue
    putFirst(candidates, candidate(offer, draw, question, now, 'explored'))
    return
  }
}

function putFirst(candidates: ScoredChoice[], first: ScoredChoice): void {
  const drawn = candidates.findIndex((other) => other.node === first.node)
  if (drawn >= 0) candidates.splice(drawn, 1)
  candidates.unshift(first)
}
