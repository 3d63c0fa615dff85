/** Limits of STUN, by which a node behind a router learns where the internet sees it. */
import type { BucketRule } from '../../core/run/token-bucket.ts'

/** Longest request that is read: what RFC 8489 lets a request be where the path is not known. */
export const MAX_STUN_BYTES = 548

/** Attributes of one request that are named as unknown: more would only make the answer longer. */
export const MAX_NAMED_UNKNOWN = 4

/**
 * Requests from one address: an agent asks once per interface of its host, seven times where no answer comes, and
 * several rigs live behind one router.
 */
export const STUN_RULE: BucketRule = { perSecond: 5, burst: 60 }

/** All requests: a forged sender costs nothing, and each answer costs some ten microseconds. */
export const ALL_STUN_RULE: BucketRule = { perSecond: 500, burst: 1_000 }

/** Addresses whose requests are counted. */
export const MAX_STUN_SOURCES = 4_000
