/**
 * Keeps in mind which addresses were told by a source that is trusted with it, and is the part of libp2p's connection
 * gater that judges dials by it.
 */
import type { ConnectionGater } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import { mayDial, type OwnPlace } from '../addresses/may-dial.ts'
import { withoutPeer } from './known-addresses.ts'

/** All addresses of all remembered peers: 500 with 8 each. */
export const MAX_TOLD_ADDRESSES = 4_000

/**
 * Dials of addresses that were heard from others, over all of them: a walk through the DHT asks some dozens of nodes, a
 * node that joins a large swarm some hundreds. More than that would be others' dials, made by us.
 */
export const HEARD_DIAL_RULE: BucketRule = { perSecond: 10, burst: 400 }

export interface DialGateComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  /** As it is at the moment of a dial. */
  readonly own: () => OwnPlace
}

export class DialGate {
  readonly #own: () => OwnPlace
  readonly #clock: DialGateComponents['clock']
  readonly #heard: Bucket
  readonly #told = new LRUCache<string, true>({ max: MAX_TOLD_ADDRESSES })

  constructor({ own, clock }: DialGateComponents) {
    this.#own = own
    this.#clock = clock
    this.#heard = fullBucket(HEARD_DIAL_RULE, clock.monotonic())
  }

  /**
   * These come from the owner, from a neighbour in the local network, or from the own federation: they are dialled
   * wherever they lead.
   */
  readonly tell = (addresses: readonly Multiaddr[]): void => {
    for (const address of addresses) this.#told.set(withoutPeer(address.toString()), true)
  }

  readonly denyDialMultiaddr: NonNullable<ConnectionGater['denyDialMultiaddr']> = (address) => {
    if (this.#told.get(withoutPeer(address.toString())) === true) return false
    if (!mayDial(address, 'heard', this.#own())) return true
    return !takeToken(this.#heard, HEARD_DIAL_RULE, this.#clock.monotonic())
  }
}
