/**
 * Where offers are drawn from: per realm and model, and per realm for `auto`, one weighted set for each relation, so
 * that a crowd of strangers costs nothing to a query that must stay at home.
 */
import type { Relation } from '../../core/scope.ts'
import { autoWeight, drawWeight, type Offer } from './offer.ts'
import { WeightedSet } from './weighted-set.ts'

/** The offers of one model, or of a whole realm, by what their node is to us. */
export type Pool = Readonly<Record<Relation, WeightedSet<Offer>>>

interface RealmPools {
  readonly any: Pool
  readonly byModel: Map<string, Pool>
}

export class OfferIndex {
  readonly #realms = new Map<string, RealmPools>()

  /** `canonical` absent: any model of the realm. */
  pool(realm: string, canonical?: string): Pool | undefined {
    const pools = this.#realms.get(realm)
    return canonical === undefined ? pools?.any : pools?.byModel.get(canonical)
  }

  /** Canonical names that some offer of the realm has. */
  models(realm: string): readonly string[] {
    return [...(this.#realms.get(realm)?.byModel.keys() ?? [])]
  }

  add(offer: Offer): void {
    const { any, byModel } = this.#ensureRealm(offer.realm)
    let pool = byModel.get(offer.canonical)
    if (pool === undefined) {
      pool = emptyPool()
      byModel.set(offer.canonical, pool)
    }
    const relation = offer.of.peer.relation
    const weight = drawWeight(offer)
    offer.places = [pool[relation].add(offer, weight), any[relation].add(offer, autoWeight(offer, weight))]
  }

  /** The offer must still have the relation under which it was added. */
  remove(offer: Offer): void {
    const [inModel, inAny] = offer.places
    const pools = this.#realms.get(offer.realm)
    const pool = pools?.byModel.get(offer.canonical)
    if (inModel === undefined || inAny === undefined || pools === undefined || pool === undefined) return
    const relation = offer.of.peer.relation
    pool[relation].remove(inModel)
    pools.any[relation].remove(inAny)
    offer.places = []
    if (isEmpty(pool)) pools.byModel.delete(offer.canonical)
    if (isEmpty(pools.any)) this.#realms.delete(offer.realm)
  }

  /** After its load or the evidence changed. */
  reweigh(offer: Offer): void {
    const [inModel, inAny] = offer.places
    const pools = this.#realms.get(offer.realm)
    const pool = pools?.byModel.get(offer.canonical)
    if (inModel === undefined || inAny === undefined || pools === undefined || pool === undefined) return
    const relation = offer.of.peer.relation
    const weight = drawWeight(offer)
    pool[relation].setWeight(inModel, weight)
    pools.any[relation].setWeight(inAny, autoWeight(offer, weight))
  }

  #ensureRealm(realm: string): RealmPools {
    let pools = this.#realms.get(realm)
    if (pools === undefined) {
      pools = { any: emptyPool(), byModel: new Map() }
      this.#realms.set(realm, pools)
    }
    return pools
  }
}

function emptyPool(): Pool {
  return { home: new WeightedSet(), friend: new WeightedSet(), stranger: new WeightedSet() }
}

function isEmpty(pool: Pool): boolean {
  return pool.home.size + pool.friend.size + pool.stranger.size === 0
}
