/**
 * Whether others can dial this node, by zone: proved by a peer that did, doubted by peers that tried and could not.
 */
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import { hostOf } from '../addresses/may-dial.ts'
import { subnetOf } from '../addresses/subnet.ts'
import { type Zone, zoneOf, zoneOfHost } from './zone.ts'

/** How long a proof holds: routers forget what UPnP opened, and home lines get another address. */
export const PROVED_FOR_MS = 2 * 3_600_000

/** Peers that tried in vain since the last proof, before it is believed no more. */
export const DOUBTS = 2

/** Addresses of this node of which others told, and whether they work: a host has a few lines. */
export const MAX_TOLD_PLACES = 16

export type Dialable = 'yes' | 'no' | 'unknown'

/** What a peer said that tried to dial this node. */
export interface Tried {
  /** Where it sees this node. */
  readonly seen: string
  /** At which port this node answered; undefined for none. */
  readonly port: number | undefined
  /** Where the peer is. */
  readonly from: Multiaddr
  /** Whether its word counts alone: an own rig, a friend, a node that the owner named. */
  readonly trusted: boolean
}

/** What is known of one zone. */
interface ZoneEvidence {
  provedAt: number
  doubts: number
}

/** What was said of one address. */
interface ToldPlace {
  at: number
  trusted: boolean
  /** Subnets of those that said so. */
  readonly from: Set<string>
}

export class Verdicts {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #zones = new Map<Zone, ZoneEvidence>()
  readonly #places = new LRUCache<string, ToldPlace>({ max: MAX_TOLD_PLACES })

  constructor({ clock }: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = clock
  }

  of(zone: Zone): Dialable {
    const evidence = this.#zones.get(zone)
    if (evidence === undefined) return 'unknown'
    const proved = this.#clock.monotonic() - evidence.provedAt < PROVED_FOR_MS
    if (evidence.doubts >= (proved ? DOUBTS : 1)) return 'no'
    return proved ? 'yes' : 'unknown'
  }

  /** A peer has dialled this node itself, from there. */
  noteInbound(from: Multiaddr): void {
    const zone = zoneOf(from)
    if (zone !== undefined) this.#zones.set(zone, { provedAt: this.#clock.monotonic(), doubts: 0 })
  }

  /** A peer tried to dial this node. Where it could, its connection has been noted as inbound. */
  noteTried({ seen, port, from, trusted }: Tried): void {
    if (port === undefined) {
      const zone = zoneOfHost(seen)
      const evidence = this.#zones.get(zone) ?? { provedAt: Number.NEGATIVE_INFINITY, doubts: 0 }
      this.#zones.set(zone, { ...evidence, doubts: evidence.doubts + 1 })
      for (const place of this.#places.keys()) if (hostOf(multiaddr(place)) === seen) this.#places.delete(place)
      return
    }
    const text = `/${seen.includes(':') ? 'ip6' : 'ip4'}/${seen}/tcp/${port}`
    const place = this.#places.get(text) ?? { at: 0, trusted: false, from: new Set() }
    place.at = this.#clock.monotonic()
    place.trusted ||= trusted
    if (place.from.size < DOUBTS) place.from.add(subnetOf(from) ?? hostOf(from) ?? '')
    this.#places.set(text, place)
  }

  /**
   * Public addresses at which others have dialled this node: one that is trusted, or two of different networks, for a
   * single stranger could send all of them to a third one's door.
   */
  confirmed(): readonly Multiaddr[] {
    const now = this.#clock.monotonic()
    return [...this.#places.entries()]
      .filter(([, { at, trusted, from }]) => now - at < PROVED_FOR_MS && (trusted || from.size >= DOUBTS))
      .map(([text]) => multiaddr(text))
      .filter((address) => zoneOf(address) === 'public')
  }

  /** This node is elsewhere now: nothing of it holds any more. */
  forget(): void {
    this.#zones.clear()
    this.#places.clear()
  }
}
