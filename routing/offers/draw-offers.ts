/**
 * Drawing candidates for one query: by capacity, without replacement, among those that fit. O(log n) while a fair share
 * fits.
 */
import { fitsWindow } from '../../core/model/context-window.ts'
import { isAutoModel, sameModel } from '../../core/model/model-name.ts'
import { scopeReaches } from '../../core/scope.ts'
import { isIdle } from './batch-room.ts'
import { breakerAdmits, currentLoad, drawChance, fitBits, isHalfOpen, type Offer, slotsOf } from './offer.ts'
import type { Pool } from './offer-index.ts'
import type { RouteQuestion } from './route-question.ts'
import type { WeightedSet } from './weighted-set.ts'

/** Draws that may miss (unfit, tried before, held back by age) before all offers are looked at. */
const MAX_MISSES = 16
/** In a pool this small, looking at all costs less than missing. */
const SMALL_POOL = 4
/** Below this our own evidence keeps a peer from being drawn, so that it could never better it. */
const TRIAL_SUCCESS_RATE = 0.5

export class OfferDraw {
  readonly #question: RouteQuestion
  readonly #now: number
  readonly #rng: () => number
  /** One per relation that the scope reaches. */
  readonly #sets: readonly WeightedSet<Offer>[]
  readonly #total: number
  readonly #size: number
  readonly #fit: number
  /** Whether the query needs what not every model is known to have or not to have. */
  readonly #asksMuch: boolean

  constructor(pool: Pool, question: RouteQuestion, now: number, rng: () => number) {
    this.#question = question
    this.#now = now
    this.#rng = rng
    this.#fit = fitBits([question.type], question.needs)
    this.#asksMuch = this.#fit !== fitBits([question.type], {})
    this.#sets = reachable(pool, question)
    let total = 0
    let size = 0
    for (const set of this.#sets) {
      total += set.total
      size += set.size
    }
    this.#total = total
    this.#size = size
  }

  /** Whether the query may be sent there now. */
  fits(offer: Offer): boolean {
    const { promptTokens, exclude, outgrown = 0 } = this.#question
    const { of } = offer
    return (
      (offer.fit & this.#fit) === this.#fit &&
      // How long the answer may get is the engine's to limit: clients ask for far more than they need.
      fitsWindow(promptTokens, offer.model.contextLength) &&
      (offer.model.contextLength ?? Number.POSITIVE_INFINITY) > outgrown &&
      slotsOf(of) > 0 &&
      !of.peer.draining &&
      breakerAdmits(of, this.#now) &&
      (this.#question.priority !== 'batch' || isIdle(of, this.#now)) &&
      !exclude.has(of.peer.id)
    )
  }

  /** Whether the model there is known to have all that the query needs; otherwise some of it is only hoped. */
  isSure(offer: Offer): boolean {
    return (offer.sure & this.#fit) === this.#fit
  }

  /** Up to `count` offers of different peers, by capacity; those that are sure come before those that are not. */
  several(count: number): readonly Offer[] {
    const drawn: Offer[] = []
    for (const surely of this.#asksMuch ? [true, false] : [false]) {
      while (drawn.length < count) {
        const offer = this.#one(drawn, surely)
        if (offer === undefined) break
        drawn.push(offer)
      }
    }
    return drawn
  }

  /** Any offer, every one equally likely; whether it fits is not checked. */
  blind(): Offer | undefined {
    let index = Math.floor(this.#rng() * this.#size)
    for (const set of this.#sets) {
      if (index < set.size) return set.nth(index)
      index -= set.size
    }
    return undefined
  }

  /**
   * Whether its silence or our evidence would keep the offer from being chosen, so that only a try can tell. While a
   * penalty runs it is known well enough.
   */
  needsTrial(offer: Offer): boolean {
    const { of } = offer
    const { successRate, penaltyUntil } = of.evidence
    if (Math.max(penaltyUntil, of.peer.evidence.penaltyUntil) > this.#now) return false
    return isHalfOpen(of, this.#now) || currentLoad(of, this.#now) === undefined || successRate < TRIAL_SUCCESS_RATE
  }

  /** The one among a peer's offers that the question means, if it may be sent there. */
  ofPeer(offers: readonly Offer[]): Offer | undefined {
    const { model, scope } = this.#question
    return offers.find(
      (offer) =>
        (isAutoModel(model) || sameModel(offer.model.name, model)) &&
        scopeReaches(scope, offer.of.peer.relation) &&
        this.fits(offer),
    )
  }

  #one(drawn: readonly Offer[], surely: boolean): Offer | undefined {
    if (this.#total <= 0) return undefined
    for (let miss = 0; miss < MAX_MISSES && this.#size > SMALL_POOL; miss += 1) {
      const offer = this.#at(this.#rng() * this.#total)
      if (offer === undefined || !this.#mayDraw(offer, drawn, surely)) continue
      const chance = drawChance(offer.of, this.#now)
      if (chance === 1 || this.#rng() < chance) return offer
    }
    return this.#amongAll(drawn, surely)
  }

  #mayDraw(offer: Offer, drawn: readonly Offer[], surely: boolean): boolean {
    return (!surely || this.isSure(offer)) && this.fits(offer) && !isPeerOf(offer, drawn)
  }

  #at(target: number): Offer | undefined {
    let rest = target
    for (const set of this.#sets) {
      if (rest < set.total) return set.at(rest)
      rest -= set.total
    }
    return undefined
  }

  /** The same draw by looking at every offer: for small pools, and where few fit. */
  #amongAll(drawn: readonly Offer[], surely: boolean): Offer | undefined {
    const fitting: Offer[] = []
    const sums: number[] = []
    let sum = 0
    for (const set of this.#sets) {
      for (let index = 0; index < set.size; index += 1) {
        const offer = set.nth(index)
        const weight = set.weightAt(index)
        if (offer === undefined || weight === 0 || !this.#mayDraw(offer, drawn, surely)) continue
        sum += weight * drawChance(offer.of, this.#now)
        fitting.push(offer)
        sums.push(sum)
      }
    }
    const target = this.#rng() * sum
    return fitting[sums.findIndex((upTo) => target < upTo)]
  }
}

function isPeerOf(offer: Offer, drawn: readonly Offer[]): boolean {
  for (const other of drawn) if (other.of.peer === offer.of.peer) return true
  return false
}

function reachable(pool: Pool, question: RouteQuestion): readonly WeightedSet<Offer>[] {
  const sets: WeightedSet<Offer>[] = []
  if (pool.home.size > 0 && scopeReaches(question.scope, 'home')) sets.push(pool.home)
  if (pool.friend.size > 0 && scopeReaches(question.scope, 'friend')) sets.push(pool.friend)
  if (pool.stranger.size > 0 && scopeReaches(question.scope, 'stranger')) sets.push(pool.stranger)
  return sets
}
