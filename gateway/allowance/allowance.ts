/**
 * What one API key has used and may still use. Every question is O(1). Requests and tokens of a minute are buckets that
 * refill steadily: no client waits for a full minute, and none sends two minutes' worth around its turn.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Bucket, type BucketRule, chargeTokens, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import { dayOf, type KeyLimits, TOKEN_DAY_MS } from './key-limits.ts'

/**
 * What a key may owe of its tokens per minute, in minutes. What an answer costs is known when it has ended, so a long
 * one makes a debt; nobody is shut out longer than this for one.
 */
export const MAX_DEBT_MINUTES = 60

/** A client that waits longer than this for its turn had better tell its user than try again by itself. */
const LONGEST_RETRY_MS = 60_000

/** A query ends when it ends: a guess for those that wait for it. */
const CONCURRENT_RETRY_MS = 1_000

/** One limit as it stands. */
export interface LimitState {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number
}

/** What a key has used. */
export interface KeyUsage {
  readonly running: number
  /** Since midnight UTC. */
  readonly tokensToday: number
}

type Reason = 'requests' | 'tokens' | 'day' | 'concurrent'

export interface AllowanceComponents {
  readonly clock: Pick<Clock, 'wall' | 'monotonic'>
}

export class Allowance {
  readonly #clock: Pick<Clock, 'wall' | 'monotonic'>
  readonly #requests: Bucket
  readonly #tokens: Bucket
  #limits: KeyLimits
  #running = 0
  #day: number
  #tokensToday: number

  /** `tokensToday`: used today before, see `dayOf`. */
  constructor({ clock }: AllowanceComponents, limits: KeyLimits, tokensToday = 0) {
    this.#clock = clock
    this.#limits = limits
    const now = clock.monotonic()
    this.#requests = fullBucket(perMinute(limits.requestsPerMinute ?? 0), now)
    this.#tokens = fullBucket(perMinute(limits.tokensPerMinute ?? 0), now)
    this.#day = dayOf(clock.wall())
    this.#tokensToday = tokensToday
  }

  /** Other limits from now on; what was used stays used. A limit that is new or raised begins with its difference. */
  change(limits: KeyLimits): void {
    this.#requests.tokens += Math.max(0, (limits.requestsPerMinute ?? 0) - (this.#limits.requestsPerMinute ?? 0))
    this.#tokens.tokens += Math.max(0, (limits.tokensPerMinute ?? 0) - (this.#limits.tokensPerMinute ?? 0))
    this.#limits = limits
  }

  /** Counts one request. Throws `KEY_LIMIT`. */
  request(): void {
    const { requestsPerMinute } = this.#limits
    if (requestsPerMinute === undefined) return
    const rule = perMinute(requestsPerMinute)
    if (takeToken(this.#requests, rule, this.#clock.monotonic())) return
    throw this.#refusal('requests', msUntilOne(this.#requests, rule))
  }

  /** Throws `KEY_LIMIT` where no query may begin now. Counts nothing. */
  assertMayBegin(): void {
    const { concurrent, tokensPerMinute, tokensPerDay } = this.#limits
    if (concurrent !== undefined && this.#running >= concurrent) {
      throw this.#refusal('concurrent', CONCURRENT_RETRY_MS)
    }
    if (tokensPerDay !== undefined && this.tokensToday >= tokensPerDay) throw this.#refusal('day', this.#msToMidnight())
    if (tokensPerMinute === undefined) return
    const rule = perMinute(tokensPerMinute)
    this.#refill(this.#tokens, rule)
    if (this.#tokens.tokens < 1) throw this.#refusal('tokens', msUntilOne(this.#tokens, rule))
  }

  /** A query begins; the caller ends it by `end()`, once. Throws `KEY_LIMIT`. */
  begin(): void {
    this.assertMayBegin()
    this.#running += 1
  }

  end(): void {
    this.#running -= 1
  }

  /** Counts tokens, as soon as they are known. Fewer than none give back what an estimate took too much. */
  use(tokens: number): void {
    this.#tokensToday = Math.max(0, this.tokensToday + tokens)
    const { tokensPerMinute } = this.#limits
    if (tokensPerMinute === undefined) return
    const least = -MAX_DEBT_MINUTES * tokensPerMinute
    chargeTokens(this.#tokens, perMinute(tokensPerMinute), this.#clock.monotonic(), tokens, least)
  }

  /** Tokens since midnight. */
  get tokensToday(): number {
    const today = dayOf(this.#clock.wall())
    if (today !== this.#day) this.#tokensToday = 0
    this.#day = today
    return this.#tokensToday
  }

  get usage(): KeyUsage {
    return { running: this.#running, tokensToday: this.tokensToday }
  }

  /** Undefined where requests are not limited. */
  get requests(): LimitState | undefined {
    return this.#stateOf(this.#requests, this.#limits.requestsPerMinute)
  }

  /** Of the two limits of tokens the one of which less is left; undefined where there is none. */
  get tokens(): LimitState | undefined {
    const minute = this.#stateOf(this.#tokens, this.#limits.tokensPerMinute)
    const { tokensPerDay: limit } = this.#limits
    if (limit === undefined) return minute
    const remaining = Math.max(0, limit - this.tokensToday)
    if (minute !== undefined && minute.remaining <= remaining) return minute
    return { limit, remaining, resetMs: this.#msToMidnight() }
  }

  #stateOf(bucket: Bucket, limit: number | undefined): LimitState | undefined {
    if (limit === undefined) return undefined
    const rule = perMinute(limit)
    this.#refill(bucket, rule)
    const resetMs = Math.ceil(((limit - bucket.tokens) / rule.perSecond) * 1000)
    return { limit, remaining: Math.max(0, Math.floor(bucket.tokens)), resetMs }
  }

  /** Brings the bucket to the present. */
  #refill(bucket: Bucket, rule: BucketRule): void {
    chargeTokens(bucket, rule, this.#clock.monotonic(), 0, -Infinity)
  }

  #msToMidnight(): number {
    return TOKEN_DAY_MS - (this.#clock.wall() % TOKEN_DAY_MS)
  }

  #refusal(reason: Reason, retryAfterMs: number): RealmeshError {
    return new RealmeshError('KEY_LIMIT', `this API key is limited to ${LIMITS_IN_WORDS[reason](this.#limits)}`, {
      retryAfterMs,
      retryable: retryAfterMs <= LONGEST_RETRY_MS,
      fix: reason === 'concurrent' ? 'wait until one of its queries has ended' : `wait ${inWords(retryAfterMs)}`,
    })
  }
}

const LIMITS_IN_WORDS: Readonly<Record<Reason, (limits: KeyLimits) => string>> = {
  requests: ({ requestsPerMinute }) => `${requestsPerMinute} requests per minute`,
  tokens: ({ tokensPerMinute }) => `${tokensPerMinute} tokens per minute`,
  day: ({ tokensPerDay }) => `${tokensPerDay} tokens per day`,
  concurrent: ({ concurrent }) => `${concurrent} queries at once`,
}

/** A minute's worth at once, and as much again in each minute. */
function perMinute(count: number): BucketRule {
  return { perSecond: count / 60, burst: count }
}

function msUntilOne({ tokens }: Bucket, { perSecond }: BucketRule): number {
  return Math.ceil(((1 - tokens) / perSecond) * 1000)
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds <= 90) return `${seconds} s`
  return seconds <= 5_400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`
}
