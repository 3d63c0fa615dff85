/** How often this node can be asked for pairing: each ask costs its owner a line to read. */
import { LRUCache } from 'lru-cache'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'

/** Pairings that are under way or have just ended: an owner makes one at a time. */
export const MAX_PAIRINGS = 8

/** Of one peer: it asks, its owner mistypes or walks too slowly, and it asks again. */
export const PEER_ASKS_RULE: BucketRule = { perSecond: 1 / 60, burst: 3 }

/** Of all peers together: identities cost nothing. */
export const ALL_ASKS_RULE: BucketRule = { perSecond: 1 / 30, burst: 8 }

/** Peers whose asks are counted: above what all together may ask in hours. */
export const MAX_COUNTED_ASKERS = 512

export class AskCounter {
  readonly #peers = new LRUCache<string, Bucket>({ max: MAX_COUNTED_ASKERS })
  readonly #all: Bucket

  /** `now`: monotonic, as in all calls. */
  constructor(now: number) {
    this.#all = fullBucket(ALL_ASKS_RULE, now)
  }

  /** Whether the peer may ask; what it may not costs the others nothing. */
  admits(peer: string, now: number): boolean {
    const own = this.#peers.get(peer) ?? fullBucket(PEER_ASKS_RULE, now)
    this.#peers.set(peer, own)
    return takeToken(own, PEER_ASKS_RULE, now) && takeToken(this.#all, ALL_ASKS_RULE, now)
  }
}
