/** A token bucket of one rule for each of many: peers, or addresses. Of those longest unheard of nothing is kept. */
import { LRUCache } from 'lru-cache'
import { type Bucket, type BucketRule, chargeTokens, fullBucket, takeTokens } from '../../core/run/token-bucket.ts'

export interface BucketsInit {
  readonly rule: BucketRule
  /** How many buckets are kept. */
  readonly max: number
}

export class Buckets {
  readonly #rule: BucketRule
  readonly #buckets: LRUCache<string, Bucket>

  constructor({ rule, max }: BucketsInit) {
    this.#rule = rule
    this.#buckets = new LRUCache<string, Bucket>({ max })
  }

  /** Takes so many tokens of `whose` bucket, all or none; false when there are fewer. `now`: monotonic ms. */
  take(whose: string, now: number, count = 1): boolean {
    return takeTokens(this.#bucket(whose, now), this.#rule, now, count)
  }

  /** Takes so many tokens whether or not they are there; what is missing is a debt, down to `least`. */
  charge(whose: string, now: number, count: number, least: number): void {
    chargeTokens(this.#bucket(whose, now), this.#rule, now, count, least)
  }

  #bucket(whose: string, now: number): Bucket {
    let bucket = this.#buckets.get(whose)
    if (bucket === undefined) {
      bucket = fullBucket(this.#rule, now)
      this.#buckets.set(whose, bucket)
    }
    return bucket
  }
}
