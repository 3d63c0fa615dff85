/**
 * How much load gossip is taken from one peer, and what follows from each refusal. The rates hold each other: a node
 * accepts (and so forwards) less in all than its neighbours tolerate from it, so no flood by others can make honest
 * neighbours cut each other.
 */
import type { BucketRule } from '../../core/run/token-bucket.ts'

/** Records of one author. An honest node sends one per second, and up to five more when its load jumps. */
export const AUTHOR_RULE: BucketRule = { perSecond: 20, burst: 100 }

/**
 * Accepted records of all authors together: at about 0.5 ms of CPU each, a fifth of a core. Must stay below
 * NEIGHBOUR_RULE.
 */
export const ACCEPTED_RULE: BucketRule = { perSecond: 400, burst: 800 }

/** Everything that one neighbour hands over, its own and others'. Excess is dropped unread. */
export const NEIGHBOUR_RULE: BucketRule = { perSecond: 500, burst: 1000 }

/**
 * Things that an honest neighbour does not send. With the author's own burst of 100 this is three times the author's
 * rule: a peer that floods is cut at its 301st message, or when it keeps above 60 per second.
 */
export const STRIKE_RULE: BucketRule = { perSecond: 40, burst: 200 }

/** Drops of the neighbour's excess before it is cut: again three times its rule. */
export const EXCESS_RULE: BucketRule = { perSecond: 1000, burst: 2000 }

/** Most the clocks of sender and receiver may differ, milliseconds. */
export const MAX_SKEW_MS = 30_000

/**
 * Authors whose sequence numbers are kept. More than can be accepted (ACCEPTED_RULE) within twice MAX_SKEW_MS: when one
 * falls out, its old records are too old to be replayed. About 6 MB when full.
 */
export const MAX_AUTHORS = 30_000

/** Neighbours whose rates are kept; above the connection limit, so that reconnecting does not wipe a record. */
export const MAX_NEIGHBOURS = 2_000

export type LoadRefusal =
  | 'denied'
  | 'neighbour-over-rate'
  | 'too-large'
  | 'over-rate'
  | 'malformed'
  | 'wrong-author'
  | 'own'
  | 'not-newer'
  | 'skewed'
  | 'bad-signature'
  | 'swarm-over-rate'

interface RefusalRow {
  /** `reject` tells gossipsub's scoring that the message was wrong, `ignore` that it was only of no use. */
  readonly result: 'ignore' | 'reject'
  /** When the peer that hands it over is at fault: always, only when it is also the author, or never. */
  readonly strike: 'always' | 'author' | 'never'
}

export const LOAD_REFUSALS: Readonly<Record<LoadRefusal, RefusalRow>> = {
  denied: { result: 'ignore', strike: 'never' }, // already cut
  'neighbour-over-rate': { result: 'ignore', strike: 'never' }, // counted by EXCESS_RULE
  'too-large': { result: 'reject', strike: 'always' },
  'over-rate': { result: 'ignore', strike: 'author' }, // several honest neighbours may each have let their share pass
  malformed: { result: 'reject', strike: 'always' },
  'wrong-author': { result: 'reject', strike: 'always' },
  own: { result: 'ignore', strike: 'never' },
  'not-newer': { result: 'ignore', strike: 'always' }, // now and then by reordering, never in numbers
  skewed: { result: 'ignore', strike: 'never' }, // perhaps it is our clock that is wrong
  'bad-signature': { result: 'reject', strike: 'always' },
  'swarm-over-rate': { result: 'ignore', strike: 'never' },
}
