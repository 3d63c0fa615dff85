/**
 * Tells the owner of a node that announces itself in the local network and is not theirs: once, when it is known what
 * it is called and what it is to us.
 */
import { LRUCache } from 'lru-cache'
import { cleanText } from '../../core/clean-text.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import type { Relation } from '../../core/scope.ts'
import { type MeantPeer, wordFor } from './meant-peer.ts'

/** Lines of strangers' making on a terminal: a home has some such nodes, and one machine can announce thousands. */
export const NEIGHBOUR_LINES_RULE: BucketRule = { perSecond: 1 / 600, burst: 5 }

/** Nodes that announced themselves, or were told of. More are a crowd, of which some are told of twice. */
export const MAX_NEIGHBOURS_KNOWN = 512

/** A peer as the table of peers has it. */
export interface MetPeer extends MeantPeer {
  readonly relation: Relation
}

export interface NeighbourNewsComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Peers whose card is known. */
  readonly peers: () => readonly MetPeer[]
  readonly tell: (line: string, fields: object) => void
}

export class NeighbourNews {
  readonly #components: NeighbourNewsComponents
  readonly #announced = new LRUCache<string, true>({ max: MAX_NEIGHBOURS_KNOWN })
  readonly #told = new LRUCache<string, true>({ max: MAX_NEIGHBOURS_KNOWN })
  readonly #lines: Bucket

  constructor(components: NeighbourNewsComponents) {
    this.#components = components
    this.#lines = fullBucket(NEIGHBOUR_LINES_RULE, components.clock.monotonic())
  }

  /** A node announced itself in the local network. */
  announced(id: string): void {
    this.#announced.set(id, true)
    this.look(id)
  }

  /** The card of a peer came, or what it is to us changed. */
  look(id: string): void {
    if (!this.#announced.has(id) || this.#told.has(id)) return
    const { peers, tell, clock } = this.#components
    const all = peers()
    const peer = all.find((other) => other.id === id)
    if (peer === undefined || peer.relation !== 'stranger') return
    if (!takeToken(this.#lines, NEIGHBOUR_LINES_RULE, clock.monotonic())) return
    this.#told.set(id, true)
    const name = cleanText(peer.called ?? peer.name) || 'a node without a name'
    tell(`${name} (…${id.slice(-8)}) is here: realmesh pair ${wordFor(peer, all)}`, { peer: id })
  }
}
