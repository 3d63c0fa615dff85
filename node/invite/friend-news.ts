/** Tells the owner that a friend of theirs does not count them as one, or no longer. */
import { cleanText } from '../../core/clean-text.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import type { PeerEntry } from '../../discovery/peers/peer-entry.ts'

/** Lines of friends' making: a friend can change its mind as often as it likes. */
export const FRIEND_LINES_RULE: BucketRule = { perSecond: 1 / 600, burst: 5 }

export interface FriendNewsComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly tell: (line: string, fields: object) => void
}

export class FriendNews {
  readonly #components: FriendNewsComponents
  readonly #lines: Bucket

  constructor(components: FriendNewsComponents) {
    this.#components = components
    this.#lines = fullBucket(FRIEND_LINES_RULE, components.clock.monotonic())
  }

  /** A peer has said what this node is to it. */
  said({ id, card, standing, theirs }: Pick<PeerEntry, 'id' | 'card' | 'standing' | 'theirs'>): void {
    if (standing.relation !== 'friend' || theirs !== 'stranger') return
    const { tell, clock } = this.#components
    if (!takeToken(this.#lines, FRIEND_LINES_RULE, clock.monotonic())) return
    const name = cleanText(card?.name ?? '') || 'a node'
    tell(
      `! ${name} (…${id.slice(-8)}) is a friend of yours, and you are none of its owner's: it serves you as a stranger`,
      {
        peer: id,
      },
    )
  }
}
