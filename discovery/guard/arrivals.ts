/**
 * Who may open a connection to this node, judged by the address it comes from: before the handshake nothing else is
 * known, and a handshake is what costs.
 */
import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import type { BucketRule } from '../../core/run/token-bucket.ts'
import { hostOf } from '../addresses/may-dial.ts'
import { isRelayed, relayOf } from '../addresses/relayed.ts'
import { subnetOf } from '../addresses/subnet.ts'
import { Buckets } from './buckets.ts'

/**
 * New connections from one address: a rack behind one router that comes back after a power cut is the burst; those that
 * are refused come again.
 */
export const ARRIVAL_RULE: BucketRule = { perSecond: 5, burst: 150 }

/**
 * What a peer that is shut out, or knocks although it is, costs its address, in arrivals: an identity is free and its
 * handshake is not, so that an address has two new ones at once, and then one in fifteen seconds. No more than that is
 * ever owed, so that a neighbour behind the same router is kept out no longer.
 */
export const DENIAL_COST = 75

/** Handshakes under way from one address: a part of those that all may have, so that silent sockets keep none out. */
export const MAX_HALF_OPEN_PER_ADDRESS = 12

/**
 * New connections through one relay: those of all peers behind it, which the relay has counted by their own addresses.
 */
export const RELAYED_ARRIVAL_RULE: BucketRule = { perSecond: 10, burst: 150 }

/** Handshakes under way through one relay. */
export const MAX_HALF_OPEN_PER_RELAY = 24

/** Addresses whose arrivals are counted. */
export const MAX_ARRIVAL_ADDRESSES = 4_000

export interface ArrivalsComponents {
  readonly clock: Pick<Clock, 'monotonic'>
}

type Gates = Required<Pick<ConnectionGater, 'denyInboundConnection' | 'denyInboundUpgradedConnection'>>

/** The gates of a connection gater, and what later is found about those that they let in. */
export class Arrivals implements Gates {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #arrivals = new Buckets({ rule: ARRIVAL_RULE, max: MAX_ARRIVAL_ADDRESSES })
  readonly #relayed = new Buckets({ rule: RELAYED_ARRIVAL_RULE, max: MAX_ARRIVAL_ADDRESSES })
  /** Where own rigs and friends were met. */
  readonly #welcome = new LRUCache<string, true>({ max: MAX_ARRIVAL_ADDRESSES })
  /** Handshakes under way, by address. */
  readonly #halfOpen = new Map<string, Set<MultiaddrConnection>>()

  constructor({ clock }: ArrivalsComponents) {
    this.#clock = clock
  }

  readonly denyInboundConnection = (connection: MultiaddrConnection): boolean => {
    const place = placeOf(connection.remoteAddr)
    const halfOpen = this.#halfOpen.get(place) ?? new Set()
    const [buckets, most] = isRelayed(connection.remoteAddr)
      ? [this.#relayed, MAX_HALF_OPEN_PER_RELAY]
      : [this.#arrivals, MAX_HALF_OPEN_PER_ADDRESS]
    if (halfOpen.size >= most || !buckets.take(place, this.#clock.monotonic())) return true
    this.#halfOpen.set(place, halfOpen.add(connection))
    connection.addEventListener('close', () => this.#settled(connection), { once: true })
    return false
  }

  /** Never denies: the handshake is done. */
  readonly denyInboundUpgradedConnection = (_peer: unknown, connection: MultiaddrConnection): boolean => {
    this.#settled(connection)
    return false
  }

  /** An own rig or a friend is there: what others do from its address keeps it out no more than their number does. */
  welcome(address: Multiaddr): void {
    this.#welcome.set(placeOf(address), true)
  }

  /**
   * A peer from there was shut out, or knocked although it is. A relay is not charged for those behind it: those that
   * are shut out are refused before their handshake.
   */
  charge(address: Multiaddr): void {
    if (isRelayed(address)) return
    const place = placeOf(address)
    if (this.#welcome.get(place) === true) return
    this.#arrivals.charge(place, this.#clock.monotonic(), DENIAL_COST, -DENIAL_COST)
  }

  #settled(connection: MultiaddrConnection): void {
    const place = placeOf(connection.remoteAddr)
    const halfOpen = this.#halfOpen.get(place)
    if (halfOpen?.delete(connection) === true && halfOpen.size === 0) this.#halfOpen.delete(place)
  }
}

/**
 * Public addresses are bought by the subnet, private ones are counted each for itself; those behind a relay are at a
 * place of their own, which is not where the relay is.
 */
function placeOf(address: Multiaddr): string {
  const relay = relayOf(address)
  if (relay !== undefined) return `through ${relay}`
  return subnetOf(address) ?? hostOf(address) ?? ''
}
