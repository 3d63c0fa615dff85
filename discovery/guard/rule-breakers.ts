/** Which peers break our protocols, and how often: a slip is forgiven, a habit shuts the peer out. */
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { BucketRule } from '../../core/run/token-bucket.ts'
import type { Relation } from '../../core/scope.ts'
import { Buckets } from './buckets.ts'

/**
 * Breaches of one peer before it is shut out. An honest node commits none but by a line so slow that a query takes
 * longer than a minute to arrive, or by a connection that breaks in the middle of one: some in a bad hour, hardly five
 * at once.
 */
export const SLIP_RULE: BucketRule = { perSecond: 1 / 60, burst: 5 }

/** Peers whose breaches are counted; above the connection limit, so that reconnecting does not wipe a record. */
export const MAX_SLIPPING_PEERS = 2_000

export interface RuleBreakersComponents {
  readonly clock: Clock
  readonly relation: (peer: string) => Relation
  readonly log: Logger
  /** Ends all dealings with the peer for a while. */
  readonly shutOut: (peer: string, reason: string) => void
}

export class RuleBreakers {
  readonly #components: RuleBreakersComponents
  readonly #slips = new Buckets({ rule: SLIP_RULE, max: MAX_SLIPPING_PEERS })

  constructor(components: RuleBreakersComponents) {
    this.#components = components
  }

  /**
   * A peer broke a protocol. Own rigs are never shut out: there it is a bug, which the log shows, and their owner needs
   * them.
   */
  note(peer: string, reason: string): void {
    const { clock, relation, shutOut, log } = this.#components
    if (relation(peer) === 'home') {
      log.warn({ peer, reason }, 'an own rig broke the query protocol: a fault of realmesh')
      return
    }
    if (!this.#slips.take(peer, clock.monotonic())) shutOut(peer, reason)
  }
}
