/**
 * Decides about every stream, message and frame that a peer sends, before anything is done for it: a bucket per peer
 * and kind of traffic, and one for all strangers together, so that many identities get no more than few.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import {
  type Bucket,
  type BucketRule,
  chargeTokens,
  fullBucket,
  hasToken,
  takeTokens,
} from '../../core/run/token-bucket.ts'
import type { Relation } from '../../core/scope.ts'
import {
  EXCESS_FACTOR,
  FLOOD_RULES,
  MAX_GUARDED_PEERS,
  NEWCOMER_SHARE,
  NEWCOMER_TOKENS,
  type Traffic,
} from './flood-rules.ts'

export interface FloodGuardComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly relation: (peer: string) => Relation
  readonly isDenied: (peer: string) => boolean
  /** Ends all dealings with the peer for a while; its connections are cut when it returns. */
  readonly shutOut: (peer: string, reason: string) => void
  /**
   * How many connections of others the peer carries to this node, or this node for it: what comes from it is theirs
   * too. @default none
   */
  readonly carried?: (peer: string) => number
  /** All strangers together are above their rule; called for each refusal, and each time that a peer waits. */
  readonly onCrowd?: (traffic: Traffic) => void
}

/** What is kept of one peer and kind of traffic. */
interface Spending {
  readonly used: Bucket
  /** What was refused. */
  readonly excess: Bucket
}

export class FloodGuard {
  readonly #components: FloodGuardComponents
  readonly #peers = new LRUCache<string, Map<Traffic, Spending>>({ max: MAX_GUARDED_PEERS })
  readonly #strangers = new Map<Traffic, Bucket>()

  constructor(components: FloodGuardComponents) {
    this.#components = components
  }

  /**
   * Whether `asked` of it are taken from the peer. When not, the caller drops them; a peer that goes on regardless is
   * shut out. Own rigs are never refused.
   */
  admits(traffic: Traffic, peer: string, asked = 1): boolean {
    const { clock, relation, isDenied, shutOut, carried } = this.#components
    if (isDenied(peer)) return false
    const related = relation(peer)
    if (related === 'home') return true
    const count = traffic === 'frames' ? asked / (1 + (carried?.(peer) ?? 0)) : asked
    const now = clock.monotonic()
    const { peer: rule, name } = FLOOD_RULES[traffic]
    const account = this.#account(peer, traffic, now)
    if (!takeTokens(account.used, rule, now, count)) {
      if (!takeTokens(account.excess, excessOf(rule), now, count)) shutOut(peer, `too many ${name}`)
      return false
    }
    // What only the crowd is guilty of is no fault of this peer.
    return related === 'friend' || this.#crowdAdmits(traffic, account.used, now, count)
  }

  /**
   * Whether the peer waits before more of it is asked about: all strangers together are above their rule, and it has
   * had a newcomer's share.
   */
  mustWait(traffic: Traffic, peer: string): boolean {
    const { strangers: rule, crowdWaits } = FLOOD_RULES[traffic]
    const bucket = this.#strangers.get(traffic)
    if (rule === undefined || crowdWaits !== true || bucket === undefined) return false
    const { clock, relation, onCrowd } = this.#components
    const now = clock.monotonic()
    if (hasToken(bucket, rule, now) || relation(peer) !== 'stranger') return false
    if (isNewcomer(traffic, this.#account(peer, traffic, now).used)) return false
    onCrowd?.(traffic)
    return true
  }

  /** The peer did what no honest one does. Own rigs are spared: there it is a bug, and their owner needs them. */
  condemn(peer: string, reason: string): void {
    if (this.#components.relation(peer) !== 'home') this.#components.shutOut(peer, reason)
  }

  #crowdAdmits(traffic: Traffic, used: Bucket, now: number, count: number): boolean {
    const { strangers: rule, crowdWaits } = FLOOD_RULES[traffic]
    if (rule === undefined) return true
    let bucket = this.#strangers.get(traffic)
    if (bucket === undefined) {
      bucket = fullBucket(rule, now)
      this.#strangers.set(traffic, bucket)
    }
    if (crowdWaits === true) chargeTokens(bucket, rule, now, count, -rule.burst)
    else if (!takeTokens(bucket, rule, now, count) && !isNewcomer(traffic, used)) {
      this.#components.onCrowd?.(traffic)
      return false
    }
    return true
  }

  #account(peer: string, traffic: Traffic, now: number): Spending {
    let accounts = this.#peers.get(peer)
    if (accounts === undefined) {
      accounts = new Map()
      this.#peers.set(peer, accounts)
    }
    let account = accounts.get(traffic)
    if (account === undefined) {
      const { peer: rule } = FLOOD_RULES[traffic]
      account = { used: fullBucket(rule, now), excess: fullBucket(excessOf(rule), now) }
      accounts.set(traffic, account)
    }
    return account
  }
}

/** Whether a peer has had no more than it may have although all strangers together are above their rule. */
function isNewcomer(traffic: Traffic, used: Bucket): boolean {
  const { burst } = FLOOD_RULES[traffic].peer
  return burst - used.tokens <= Math.max(NEWCOMER_TOKENS, burst * NEWCOMER_SHARE)
}

function excessOf({ perSecond, burst }: BucketRule): BucketRule {
  return { perSecond: perSecond * EXCESS_FACTOR, burst: burst * EXCESS_FACTOR }
}
