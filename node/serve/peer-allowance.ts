/**
 * How many queries a node that is not of the own federation may ask of us: a steady rate and a burst, each peer for
 * itself.
 */

import type { BucketRule } from '../../core/run/token-bucket.ts'
import { Buckets } from '../../discovery/guard/buckets.ts'

/**
 * Queries of one stranger or friend. Chats come nowhere near: 32 lanes that are always busy with answers of a second
 * ask 32 in that time. The burst lets a folder be embedded passage by passage, which is what honest programs do
 * fastest; what goes on above the rate asks for more than a home's engines give to all.
 */
export const PEER_QUERY_RULE: BucketRule = { perSecond: 50, burst: 500 }

/**
 * Bytes of a body that count as one query more: a photo of 5 MB as base64 costs a hundredth of a second to read, and
 * counts as a hundred.
 */
export const BYTES_PER_QUERY = 64 * 1_024

/**
 * How often a peer with which nothing is shared may ask nevertheless. An honest node stops at the first refusal; what
 * was under way on all its lanes by then is a burst. Beyond it the peer breaks the protocol.
 */
export const REFUSED_RULE: BucketRule = { perSecond: 1, burst: 200 }

/**
 * How often a peer may ask whose card has not been read, where strangers get nothing. It may be an own rig whose card
 * takes long because both are busy: it has 32 lanes until then, each told to ask again a second later. Three times that
 * for half a minute is a peer that shows no card on purpose, and breaks the protocol.
 */
export const UNREAD_RULE: BucketRule = { perSecond: 64, burst: 1_000 }

/** When a refused peer may ask again: then it has fifty queries more. To ask sooner would only cost both. */
export const PEER_RETRY_MS = 1_000

/** Peers whose queries are counted; above the connection limit, so that reconnecting fills no bucket. */
export const MAX_COUNTED_PEERS = 2_000

export class PeerAllowance {
  readonly #queries = new Buckets({ rule: PEER_QUERY_RULE, max: MAX_COUNTED_PEERS })
  readonly #refusals = new Buckets({ rule: REFUSED_RULE, max: MAX_COUNTED_PEERS })
  readonly #unread = new Buckets({ rule: UNREAD_RULE, max: MAX_COUNTED_PEERS })

  /** Counts a query of `peer` with a body of that length at `now`, monotonic ms; false when it is one too many. */
  take(peer: string, bodyBytes: number, now: number): boolean {
    return this.#queries.take(peer, now, 1 + Math.floor(bodyBytes / BYTES_PER_QUERY))
  }

  /** Counts a query of a peer that is not served at all; false when it should have stopped asking. */
  refuse(peer: string, now: number): boolean {
    return this.#refusals.take(peer, now)
  }

  /** Counts a query of a peer whose card has not been read; false when it asks as no honest one does. */
  putOff(peer: string, now: number): boolean {
    return this.#unread.take(peer, now)
  }
}
