/**
 * How much of each kind of traffic is taken from one peer, and from all strangers together. Each row is above what an
 * honest peer sends at its busiest; what a refusal means is the guard's to know.
 */
import type { BucketRule } from '../../core/run/token-bucket.ts'

/** What a peer can make this node do. Protocols of libp2p count like our own. */
export type Traffic =
  | 'streams'
  | 'frames'
  | 'identify'
  | 'push'
  | 'ping'
  | 'card'
  | 'kad'
  | 'gossip'
  | 'presence'
  | 'query'
  | 'hop'
  | 'stop'
  | 'signalling'
  | 'other'

export interface FloodRule {
  /** What one peer may send; a friend too, but no node of the own federation. */
  readonly peer: BucketRule
  /**
   * What all strangers may send together; undefined where it is bounded elsewhere. Newcomers are let in beyond it, with
   * a little each.
   */
  readonly strangers?: BucketRule
  /** Above the rule of all strangers nothing is refused: those who are not newcomers wait. @default false */
  readonly crowdWaits?: true
  /** What a token is: a stream that is opened, a message with its length before it, or so many bytes. */
  readonly counts: 'streams' | 'messages' | { readonly bytes: number }
  /** Bytes of the longest message; a stream with a longer one is reset. @default none is too long here */
  readonly longestBytes?: number
  /** How the log and the deny list call it. */
  readonly name: string
}

/** Bytes of the longest request to the DHT: a record with all addresses of a host has a third of it. */
export const MAX_KAD_BYTES = 8 * 1_024

/** Bytes of one ping. */
const PING_BYTES = 32

export const FLOOD_RULES: Readonly<Record<Traffic, FloodRule>> = {
  // A peer opens one in some seconds; one that joins, advertises its models and asks, two hundred. Newcomers are let in
  // beyond the crowd's rule, so that it need not fit two hundred honest peers at their busiest.
  streams: {
    peer: { perSecond: 20, burst: 200 },
    strangers: { perSecond: 100, burst: 500 },
    // A connection that is cut for it is dialled again, and a handshake costs as much as twenty streams.
    crowdWaits: true,
    counts: 'streams',
    name: 'streams opened',
  },
  // Those with little or no data: windows given back, closed streams, tokens of 32 answers at a hundred a second each.
  frames: { peer: { perSecond: 4_000, burst: 15_000 }, counts: 'messages', name: 'small frames' },
  // Once per connection.
  identify: {
    peer: { perSecond: 0.2, burst: 10 },
    strangers: { perSecond: 10, burst: 100 },
    counts: 'streams',
    name: 'identify requests',
  },
  // When addresses or protocols change, once a second at most.
  push: {
    peer: { perSecond: 0.5, burst: 10 },
    strangers: { perSecond: 20, burst: 200 },
    counts: 'streams',
    name: 'identify pushes',
  },
  // Once in ten seconds per connection.
  ping: {
    peer: { perSecond: 2, burst: 40 },
    strangers: { perSecond: 100, burst: 400 },
    counts: { bytes: PING_BYTES },
    name: 'pings',
  },
  // When a peer comes, when its load casts doubt on its card (once a second at most), and every five minutes.
  card: {
    peer: { perSecond: 1, burst: 15 },
    strangers: { perSecond: 50, burst: 400 },
    counts: 'streams',
    name: 'card requests',
  },
  // A search asks for sixteen keys; a hundred models are two hundred requests, of which half are tried again later.
  kad: {
    peer: { perSecond: 10, burst: 100 },
    strangers: { perSecond: 40, burst: 250 },
    counts: 'messages',
    longestBytes: MAX_KAD_BYTES,
    name: 'DHT requests',
  },
  // The records within, and those of all peers together, are bounded by discovery/load/load-limits.ts.
  gossip: { peer: { perSecond: 500, burst: 1_000 }, counts: 'messages', name: 'gossip messages' },
  // A record when the load changes, five a second at most, and an empty message in some seconds. The records within are
  // bounded with those of gossip.
  presence: { peer: { perSecond: 20, burst: 100 }, counts: 'messages', longestBytes: 512, name: 'words of presence' },
  // Thirty-two lanes, which are used again and again, and the same after a break.
  query: {
    peer: { perSecond: 5, burst: 64 },
    strangers: { perSecond: 50, burst: 300 },
    counts: 'streams',
    name: 'lanes opened',
  },
  // A seat at this node, and a connection to each of those who have one.
  hop: {
    peer: { perSecond: 1, burst: 80 },
    strangers: { perSecond: 10, burst: 200 },
    counts: 'streams',
    name: 'requests to relay',
  },
  // What a relay opens for all peers that come through it.
  stop: { peer: { perSecond: 10, burst: 200 }, counts: 'streams', name: 'relayed connections' },
  // A way through two routers is tried once in a minute at most. Each costs sockets, a certificate and some seconds.
  signalling: {
    peer: { perSecond: 0.1, burst: 6 },
    strangers: { perSecond: 1, burst: 12 },
    counts: 'streams',
    name: 'WebRTC offers',
  },
  other: {
    peer: { perSecond: 1, burst: 20 },
    strangers: { perSecond: 10, burst: 100 },
    counts: 'streams',
    name: 'streams of other protocols',
  },
}

/**
 * Refusals before a peer is shut out, as a multiple of its rule: who sends three times what is allowed does so on
 * purpose.
 */
export const EXCESS_FACTOR = 2

/** Part of its burst that a peer may use although all strangers together are above theirs: enough to be met. */
export const NEWCOMER_SHARE = 0.1
/** The least of it, tokens. */
export const NEWCOMER_TOKENS = 4

/** Peers whose traffic is counted; above the connection limit, so that reconnecting fills no bucket. */
export const MAX_GUARDED_PEERS = 2_000
