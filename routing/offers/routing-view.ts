/**
 * The router's picture of its peers: cards, load records, round trips, own sends and own evidence, indexed so that a
 * decision costs O(log n). It holds no clock and starts nothing; the parts that hear from peers call it. How many peers
 * there may be is bounded by the peer table; what is kept of those that left is bounded here.
 */
import { LRUCache } from 'lru-cache'
import type { NodeLoad } from '../../core/model/load.ts'
import type { Model } from '../../core/model/model.ts'
import { canonicalModelName, isAutoModel } from '../../core/model/model-name.ts'
import type { Priority } from '../../core/query/query.ts'
import { type Relation, type Scope, scopeReaches } from '../../core/scope.ts'
import { afterReconnect, type Evidence, NO_EVIDENCE, type SendOutcome } from '../learning/evidence.ts'
import { learnContradiction } from './learn-outcome.ts'
import {
  billions,
  fitBits,
  hopedBits,
  inFlight,
  type Offer,
  type PeerModel,
  type PeerState,
  UNKNOWN_RTT_MS,
} from './offer.ts'
import { OfferIndex, type Pool } from './offer-index.ts'
import { newSend, noteEnd, noteFirstContent, type Sent } from './sends.ts'

/** One model as a peer offers it in one realm. */
export interface RoutingModel {
  readonly model: Model
  readonly realm: string
  /** Queries at once, as the card says; a load record outranks it. */
  readonly slots: number
}

/**
 * What the router knows of a peer from its card: what it is to us, whose queries it serves, and which models it offers
 * in which realm.
 */
export interface RoutingNode {
  /** Peer id. */
  readonly id: string
  /** What the peer is to us. */
  readonly relation: Relation
  /** What we are to it. @default the same */
  readonly theirs?: Relation
  /** Whose queries its workers serve. */
  readonly share: Scope
  readonly connected: boolean
  /** Whether a third node passes on all that goes there. @default false */
  readonly relayed?: boolean
  /** The time of this word, on the clock of sends and loads. @default unknown */
  readonly at?: number
  readonly models: readonly RoutingModel[]
}

/** Models of one peer that are indexed: a card of more is an attempt to fill memory. */
export const MAX_MODELS_PER_PEER = 256
/**
 * Peers that left whose evidence is kept, so that going and coming back does not wash a record clean. The oldest go
 * first.
 */
const MAX_REMEMBERED = 2_000

export class RoutingView {
  readonly #peers = new Map<string, PeerState>()
  /** Peers that left. */
  readonly #remembered = new LRUCache<string, PeerState>({ max: MAX_REMEMBERED })
  readonly #index = new OfferIndex()

  /** Adds a peer or replaces what its card said. Evidence, own sends and load records stay. */
  setNode(node: RoutingNode): void {
    const peer = this.#peers.get(node.id) ?? this.#remembered.peek(node.id) ?? newPeer(node)
    this.#remembered.delete(node.id)
    this.#peers.set(node.id, peer)
    for (const model of peer.models.values()) this.#unlist(model)
    if (node.connected && !peer.connected) greetAgain(peer, node.at)
    peer.connected = node.connected
    peer.relayed = node.relayed === true
    peer.relation = node.relation
    const reachable = node.connected && scopeReaches(node.share, node.theirs ?? node.relation)
    const listed = new Set<string>()
    for (const offered of node.models) {
      const canonical = canonicalModelName(offered.model.name)
      const place = `${offered.realm} ${canonical}`
      if (listed.has(place) || listed.size >= MAX_MODELS_PER_PEER) continue
      listed.add(place)
      const model = ensureModel(peer, canonical, offered.slots)
      const offer = newOffer(model, offered, canonical)
      model.offers.push(offer)
      if (reachable) this.#index.add(offer)
    }
    for (const [canonical, model] of peer.models) {
      if (model.offers.length === 0 && model.evidence === NO_EVIDENCE && inFlight(model) === 0)
        peer.models.delete(canonical)
    }
  }

  /** Forgets a peer's offers; its evidence stays for a while in case it comes back. */
  removeNode(id: string): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    for (const model of peer.models.values()) this.#unlist(model)
    peer.connected = false
    this.#peers.delete(id)
    this.#remembered.set(id, peer)
  }

  /**
   * Takes a load record that arrived at `receivedAt`, from whichever message. Models that it leaves out become unknown;
   * a model with 0 slots gets no queries. Returns false, and changes nothing, when the peer is unknown or the sequence
   * number did not grow.
   */
  setLoad(id: string, load: NodeLoad, receivedAt: number): boolean {
    const peer = this.#peers.get(id)
    if (peer === undefined || load.seq <= peer.seq) return false
    peer.seq = load.seq
    peer.receivedAt = receivedAt
    peer.draining = load.draining
    for (const model of peer.models.values()) {
      model.load = undefined
      model.reported += model.unreported
      model.unreported = 0
    }
    for (const said of load.models) {
      const model = peer.models.get(said.model) ?? peer.models.get(canonicalModelName(said.model))
      if (model !== undefined) model.load = said
    }
    for (const model of peer.models.values()) this.#reweigh(model)
    return true
  }

  /** The peer stands by what its last load record says, at `now`. */
  confirmLoad(id: string, now: number): void {
    const peer = this.#peers.get(id)
    if (peer !== undefined && peer.receivedAt > Number.NEGATIVE_INFINITY) peer.receivedAt = now
  }

  /** Smoothed round trip to the peer, milliseconds. */
  setRtt(id: string, ms: number): void {
    const peer = this.#peers.get(id)
    if (peer !== undefined) peer.rttMs = ms
  }

  /**
   * A query of ours leaves for the peer, which was chosen for a cost of `promisedMs`. Exactly one `noteOutcome` must
   * follow, whatever happens. Harmless for `LOCAL` and for peers that are not known.
   */
  noteSent(id: string, model: string, now: number, promisedMs = 0, priority: Priority = 'live'): Sent {
    return newSend(this.#model(id, model), priority, now, promisedMs)
  }

  /** The first content of the answer has come. */
  noteFirstEvent(sent: Sent, now: number): void {
    noteFirstContent(sent, now)
  }

  /**
   * How that query ended; `now` is on the clock of `setLoad`. The record that came with the refusal or the end goes to
   * `setLoad` first. A second outcome of the same send is ignored.
   */
  noteOutcome(sent: Sent, outcome: SendOutcome, now: number): void {
    const to = noteEnd(sent, outcome, now)
    for (const model of to?.peer.models.values() ?? []) this.#reweigh(model)
  }

  /**
   * The peer refused a query as wrong in itself, and another place served it. Harmless for `LOCAL` and for peers that
   * are not known.
   */
  noteContradicted(id: string, model: string, now: number): void {
    const of = this.#model(id, model)
    if (of === undefined) return
    learnContradiction(of, now)
    this.#reweigh(of)
  }

  /** What we have seen of a model at a peer, or of the peer as a whole. Undefined for a peer that was never known. */
  evidence(id: string, model?: string): Evidence | undefined {
    return model === undefined ? this.#known(id)?.evidence : this.#model(id, model)?.evidence
  }

  /** Canonical names of the models that reachable peers offer in a realm. */
  models(realm: string): readonly string[] {
    return this.#index.models(realm)
  }

  /** Where `rankPeers` draws from; `''` or `auto` means any model of the realm. */
  pool(realm: string, model: string): Pool | undefined {
    if (isAutoModel(model)) return this.#index.pool(realm)
    return this.#index.pool(realm, model) ?? this.#index.pool(realm, canonicalModelName(model))
  }

  /** The offers of one peer in one realm that may be drawn. */
  offersOf(id: string, realm: string): readonly Offer[] {
    const models = [...(this.#peers.get(id)?.models.values() ?? [])]
    return models.flatMap((model) => model.offers.filter((offer) => offer.realm === realm && offer.places.length > 0))
  }

  #known(id: string): PeerState | undefined {
    return this.#peers.get(id) ?? this.#remembered.peek(id)
  }

  #model(id: string, model: string): PeerModel | undefined {
    const models = this.#known(id)?.models
    return models?.get(model) ?? models?.get(canonicalModelName(model))
  }

  #unlist(model: PeerModel): void {
    for (const offer of model.offers) this.#index.remove(offer)
    model.offers = []
  }

  #reweigh(model: PeerModel): void {
    for (const offer of model.offers) this.#index.reweigh(offer)
  }
}

function greetAgain(peer: PeerState, at: number | undefined): void {
  peer.evidence = afterReconnect(peer.evidence, at)
  // What it said before it went is not true any more: a rig that was restarted had said that it stops, or has no slots.
  peer.draining = false
  peer.receivedAt = Number.NEGATIVE_INFINITY
  for (const model of peer.models.values()) {
    model.evidence = afterReconnect(model.evidence, at)
    model.load = undefined
  }
}

function newPeer(node: RoutingNode): PeerState {
  return {
    id: node.id,
    relation: node.relation,
    connected: node.connected,
    relayed: false,
    rttMs: UNKNOWN_RTT_MS,
    seq: -1,
    receivedAt: Number.NEGATIVE_INFINITY,
    draining: false,
    evidence: NO_EVIDENCE,
    models: new Map(),
  }
}

function ensureModel(peer: PeerState, canonical: string, slots: number): PeerModel {
  let model = peer.models.get(canonical)
  if (model === undefined) {
    model = newModel(peer, slots)
    peer.models.set(canonical, model)
  }
  model.cardSlots = slots
  return model
}

function newModel(peer: PeerState, cardSlots: number): PeerModel {
  const sends = { unreported: 0, reported: 0, silent: 0, silentSince: 0, silentPromiseMs: 0 }
  const batch = { inFlight: 0, notBefore: 0 }
  return { peer, cardSlots, load: undefined, ...sends, batch, evidence: NO_EVIDENCE, offers: [] }
}

function newOffer(of: PeerModel, offered: RoutingModel, canonical: string): Offer {
  const { model, realm } = offered
  const fit = fitBits(model.types, model.capabilities)
  return {
    of,
    realm,
    canonical,
    model,
    fit,
    sure: fit & ~hopedBits(model),
    billions: billions(model),
    places: [],
  }
}
