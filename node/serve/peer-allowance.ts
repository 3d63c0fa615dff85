/**
 * How many queries a node that is not of the own federation may ask of us: a steady rate and a burst, each peer for
 * itself.
 */
import { LRUCache } from 'lru-cache'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../discovery/guard/token-bucket.ts'

/**
 * Queries of one stranger or friend. Chats come nowhere near: 32 lanes that are always busy with answers of a second
 * ask 32 in that time. The burst lets a folder be embedded passage by passage, which is what honest programs do
 * fastest; what goes on above the rate asks for more than a home's engines give to all.
 */
export const PEER_QUERY_RULE: BucketRule = { perSecond: 50, burst: 500 }

/** When a refused peer may ask again: then it has fifty queries more. To ask sooner would only cost both. */
export const PEER_RETRY_MS = 1_000

/** Peers whose queries are counted; above the connection limit, so that reconnecting fills no bucket. */
export const MAX_COUNTED_PEERS = 2_000

export class PeerAllowance {
  readonly #buckets = new LRUCache<string, Bucket>({ max: MAX_COUNTED_PEERS })

  /** Counts a query of `peer` at `now`, monotonic milliseconds; false when it is one too many. */
  take(peer: string, now: number): boolean {
    let bucket = this.#buckets.get(peer)
    if (bucket === undefined) {
      bucket = fullBucket(PEER_QUERY_RULE, now)
      this.#buckets.set(peer, bucket)
    }
    return takeToken(bucket, PEER_QUERY_RULE, now)
  }
}
