/**
 * All that is known of other nodes, in one bounded table: cards, what they are to us, connections, round trips, last
 * words. It tells the router's view and its listeners of every change. It fetches nothing and holds no timer; `sweep()`
 * is called from outside.
 */
import { defined } from '../../core/defined.ts'
import { ewma } from '../../core/ewma.ts'
import type { NodeLoad } from '../../core/model/load.ts'
import type { Path } from '../../core/net/path.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Relation } from '../../core/scope.ts'
import type { Card } from '../../protocols/card/card.ts'
import type { RoutingNode } from '../../routing/offers/routing-view.ts'
import { maxStrangersOf } from '../addresses/subnet.ts'
import { cardSize, describePeer, type KnownPeer, newPeerEntry, type PeerEntry } from './peer-entry.ts'
import { importance } from './peer-importance.ts'
import type { Standing } from './standing.ts'

/** At about 2 kB each some 20 MB. A swarm beyond that is known in part, which is enough to route well. */
export const MAX_PEERS = 10_000
/**
 * Characters of all cards together: ten thousand as nodes with some models write them. Peers may write cards of 64 KiB:
 * then fewer are known, the longest silent of the least important first.
 */
export const MAX_CARDS_SIZE = 32 * 1_048_576
/** A peer that was silent for a day is forgotten, unless it is remembered. */
export const FORGET_MS = 24 * 3_600_000
/** Weight of a new round trip in the smoothed one. */
const RTT_WEIGHT = 0.3

/** What the router's view is told. */
export interface RoutingSink {
  setNode(node: RoutingNode): void
  removeNode(id: string): void
  setLoad(id: string, load: NodeLoad, receivedAtMs: number): boolean
  confirmLoad(id: string, now: number): void
  setRtt(id: string, ms: number): void
}

/** What happened to a peer. */
export interface PeerChange {
  readonly kind: 'card' | 'connected' | 'disconnected' | 'relation' | 'theirs' | 'load' | 'gone'
  readonly id: string
}

export interface PeerTableComponents {
  readonly routing: RoutingSink
  readonly clock: Clock
  /** What a card proves about its node at a wall time. Never by the label. */
  judge(card: Card, wallMs: number): Standing
}

export interface PeerTableInit {
  /** @default MAX_PEERS */
  readonly maxPeers?: number
  /** @default MAX_CARDS_SIZE */
  readonly maxCardsSize?: number
}

function isRelayed(path: Path | undefined): boolean {
  return path?.kind === 'relayed'
}

export class PeerTable {
  readonly #components: PeerTableComponents
  readonly #max: number
  readonly #maxCardsSize: number
  /** Longest silent first. */
  readonly #peers = new Map<string, PeerEntry>()
  readonly #listeners = new Set<(change: PeerChange) => void>()
  #connected = 0
  #cardsSize = 0

  constructor(components: PeerTableComponents, init: PeerTableInit = {}) {
    this.#components = components
    this.#max = init.maxPeers ?? MAX_PEERS
    this.#maxCardsSize = init.maxCardsSize ?? MAX_CARDS_SIZE
  }

  get size(): number {
    return this.#peers.size
  }

  get connectedCount(): number {
    return this.#connected
  }

  get(id: string): Readonly<PeerEntry> | undefined {
    return this.#peers.get(id)
  }

  entries(): IterableIterator<Readonly<PeerEntry>> {
    return this.#peers.values()
  }

  /** Rows for the node's status: connected ones first, then the latest heard. */
  peers(): readonly KnownPeer[] {
    const now = this.#now()
    return [...this.#peers.values()]
      .map((entry) => describePeer(entry, now))
      .sort(
        (a, b) => Number(b.connected) - Number(a.connected) || a.heardMsAgo - b.heardMsAgo || (a.id < b.id ? -1 : 1),
      )
  }

  /** Calls `listener` after each change; the returned function ends it. It must not block. */
  onChange(listener: (change: PeerChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** The first connection came, from `subnet`, or the last one went: it leaves the routable set at once. */
  setConnected(id: string, connected: boolean, subnet?: string): void {
    if (!connected && !this.#peers.has(id)) return
    const entry = this.#heard(id)
    if (connected) entry.subnet = subnet
    if (entry.connected === connected) return
    entry.connected = connected
    this.#connected += connected ? 1 : -1
    if (!connected) {
      entry.load = undefined
      entry.path = undefined
      entry.theirs = undefined
    }
    this.#tellRouting(entry)
    this.#emit(connected ? 'connected' : 'disconnected', id)
    if (!connected && entry.subnet !== undefined) this.#thinOut(entry.subnet)
  }

  /**
   * Takes in a card that its node gave over a direct connection, its signature checked: what a live node says now
   * holds, also when its number is lower, as after a restart with a wrong clock.
   */
  setCard(card: Card): void {
    const entry = this.#heard(card.peerId)
    entry.cardAt = this.#now()
    entry.card = card
    const size = cardSize(card)
    this.#cardsSize += size - entry.cardSize
    entry.cardSize = size
    entry.standing = this.#components.judge(card, this.#components.clock.wall())
    this.#tellRouting(entry)
    // What was said before the card came: the view takes loads of carded peers only.
    if (entry.load !== undefined) this.#components.routing.setLoad(entry.id, entry.load, entry.loadAt)
    if (entry.rttMs !== undefined) this.#components.routing.setRtt(entry.id, entry.rttMs)
    this.#emit('card', card.peerId)
    while (this.#cardsSize > this.#maxCardsSize && this.#peers.size > 1) this.#evictOne()
  }

  /**
   * Takes in what a known peer said of its load, from gossip or from a reply. False when it is unknown or said
   * something newer.
   */
  setLoad(id: string, load: NodeLoad, receivedAtMs = this.#now()): boolean {
    if (!this.#peers.has(id)) return false
    const entry = this.#heard(id)
    if (entry.load !== undefined && load.seq <= entry.load.seq) return false
    entry.load = load
    entry.loadAt = receivedAtMs
    this.#components.routing.setLoad(id, load, receivedAtMs)
    this.#emit('load', id)
    return true
  }

  /** By which way new queries go to a connected peer. What was measured on another way tells nothing of it. */
  setPath(id: string, path: Path): void {
    const entry = this.#peers.get(id)
    if (entry?.connected !== true) return
    const { path: before } = entry
    entry.path = path
    if (before !== undefined && (before.kind !== path.kind || before.over !== path.over)) entry.rttMs = undefined
    if (isRelayed(before) !== isRelayed(path)) this.#tellRouting(entry)
  }

  /** A connected peer is there, and would have told of a change: what it said last holds as if it were said now. */
  confirm(id: string): void {
    const entry = this.#peers.get(id)
    const now = this.#now()
    if (entry !== undefined) entry.heardAt = now
    if (entry?.load === undefined) return
    entry.loadAt = now
    this.#components.routing.confirmLoad(id, now)
  }

  /** One measured round trip, milliseconds. */
  setRtt(id: string, ms: number): void {
    const entry = this.#peers.get(id)
    if (entry === undefined) return
    entry.rttMs = ewma(entry.rttMs, ms, RTT_WEIGHT)
    this.#components.routing.setRtt(id, entry.rttMs)
  }

  /** What the peer is to us now; a stranger until a card proved more. */
  relation(id: string): Standing['relation'] {
    const entry = this.#peers.get(id)
    if (entry === undefined) return 'stranger'
    if (entry.standing.until <= this.#components.clock.wall()) this.#rejudge(entry)
    return entry.standing.relation
  }

  /** What we are to a connected peer, as it says itself. */
  setTheirs(id: string, theirs: Relation): void {
    const entry = this.#peers.get(id)
    if (entry?.connected !== true || entry.theirs === theirs) return
    entry.theirs = theirs
    this.#tellRouting(entry)
    this.#emit('theirs', id)
  }

  /** Judges all peers anew: the friends list or the own federation changed. */
  rejudge(): void {
    for (const entry of this.#peers.values()) this.#rejudge(entry)
  }

  /**
   * Lets go of what ran out: relations whose proof ended, and peers that were silent for a day and are not remembered.
   */
  sweep(isRemembered: (id: string) => boolean): void {
    const now = this.#now()
    const wall = this.#components.clock.wall()
    for (const entry of this.#peers.values()) {
      if (entry.standing.until <= wall) this.#rejudge(entry)
      const silent = !entry.connected && now - entry.heardAt > FORGET_MS
      if (silent && !isRemembered(entry.id)) this.forget(entry.id)
    }
  }

  /** Forgets a peer. */
  forget(id: string): void {
    const entry = this.#peers.get(id)
    if (entry === undefined) return
    this.#peers.delete(id)
    this.#cardsSize -= entry.cardSize
    if (entry.connected) this.#connected -= 1
    this.#components.routing.removeNode(id)
    this.#emit('gone', id)
  }

  /** The entry, made when there is none, as the one heard last. */
  #heard(id: string): PeerEntry {
    const now = this.#now()
    const entry = this.#peers.get(id) ?? newPeerEntry(id, now)
    this.#peers.delete(id)
    if (this.#peers.size >= this.#max) this.#evictOne()
    entry.heardAt = now
    this.#peers.set(id, entry)
    return entry
  }

  /** Drops the longest silent of the least important. */
  #evictOne(): void {
    let victim: PeerEntry | undefined
    for (const entry of this.#peers.values()) {
      if (victim === undefined || importance(entry) < importance(victim)) victim = entry
      if (importance(victim) === 0) break
    }
    if (victim !== undefined) this.forget(victim.id)
  }

  /** One host can have a thousand identities: of the strangers of a subnet that are gone only the latest stay. */
  #thinOut(subnet: string): void {
    const gone = [...this.#peers.values()].filter((entry) => entry.subnet === subnet && importance(entry) === 0)
    for (const { id } of gone.slice(0, -maxStrangersOf(subnet))) this.forget(id)
  }

  #rejudge(entry: PeerEntry): void {
    if (entry.card === undefined) return
    const before = entry.standing.relation
    entry.standing = this.#components.judge(entry.card, this.#components.clock.wall())
    if (entry.standing.relation === before) return
    this.#tellRouting(entry)
    this.#emit('relation', entry.id)
  }

  #tellRouting({ id, card, standing, theirs, connected, path }: PeerEntry): void {
    if (card === undefined) return
    this.#components.routing.setNode({
      id,
      relation: standing.relation,
      share: card.share,
      ...defined({ theirs }),
      connected,
      relayed: isRelayed(path),
      at: this.#now(),
      models: card.models,
    })
  }

  #emit(kind: PeerChange['kind'], id: string): void {
    for (const listener of this.#listeners) listener({ kind, id })
  }

  #now(): number {
    return this.#components.clock.monotonic()
  }
}
