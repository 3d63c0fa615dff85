/**
 * Which announcements of the local network are heard: anybody in it can announce as many nodes as it likes, and each
 * that is heard is kept in mind and may be dialled.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'

/** Nodes that were not heard of lately. A home has some, an office that is switched on in the morning a hundred. */
export const ANNOUNCED_RULE: BucketRule = { perSecond: 1, burst: 128 }

/** Neighbours whose last announcement is known. */
export const MAX_ANNOUNCED = 512

/** An announcement says the same again so soon: every node answers the question that each asks in ten seconds. */
export const REPEATED_MS = 2_000

export interface NeighboursComponents {
  readonly clock: Pick<Clock, 'monotonic'>
}

export class Neighbours {
  readonly #clock: NeighboursComponents['clock']
  readonly #heardAt = new LRUCache<string, number>({ max: MAX_ANNOUNCED })
  readonly #strange: Bucket

  constructor({ clock }: NeighboursComponents) {
    this.#clock = clock
    this.#strange = fullBucket(ANNOUNCED_RULE, clock.monotonic())
  }

  /** Whether an announcement of that peer is heard. */
  hears(id: string): boolean {
    const now = this.#clock.monotonic()
    const before = this.#heardAt.get(id)
    if (before !== undefined && now - before < REPEATED_MS) return false
    if (before === undefined && !takeToken(this.#strange, ANNOUNCED_RULE, now)) return false
    this.#heardAt.set(id, now)
    return true
  }
}
