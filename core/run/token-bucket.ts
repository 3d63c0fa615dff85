/** A token bucket as plain data: how often something may happen, with room for a burst. Pure: `now` is an argument. */

export interface BucketRule {
  /** Tokens that come back per second. */
  readonly perSecond: number
  /** Most tokens that it holds: the largest burst. */
  readonly burst: number
}

/** Mutable, so that a flood allocates nothing. */
export interface Bucket {
  tokens: number
  /** Monotonic milliseconds of the last refill. */
  at: number
}

/** A full bucket. */
export function fullBucket(rule: BucketRule, now: number): Bucket {
  return { tokens: rule.burst, at: now }
}

function refill(bucket: Bucket, rule: BucketRule, now: number): void {
  const gained = (Math.max(0, now - bucket.at) * rule.perSecond) / 1000
  bucket.tokens = Math.min(rule.burst, bucket.tokens + gained)
  bucket.at = Math.max(bucket.at, now)
}

/** Whether so many tokens are there now; takes none. */
export function hasTokens(bucket: Bucket, rule: BucketRule, now: number, count: number): boolean {
  refill(bucket, rule, now)
  return bucket.tokens >= count
}

/** Takes so many tokens, all or none; false when there are fewer. */
export function takeTokens(bucket: Bucket, rule: BucketRule, now: number, count: number): boolean {
  if (!hasTokens(bucket, rule, now, count)) return false
  bucket.tokens -= count
  return true
}

/** Takes so many tokens whether or not they are there; what is missing is a debt, down to `least`. */
export function chargeTokens(bucket: Bucket, rule: BucketRule, now: number, count: number, least: number): void {
  refill(bucket, rule, now)
  bucket.tokens = Math.max(Math.min(bucket.tokens, least), bucket.tokens - count)
}

/** Whether a token is there now; takes none. */
export function hasToken(bucket: Bucket, rule: BucketRule, now: number): boolean {
  return hasTokens(bucket, rule, now, 1)
}

/** Takes one token; false when there is none. */
export function takeToken(bucket: Bucket, rule: BucketRule, now: number): boolean {
  return takeTokens(bucket, rule, now, 1)
}
