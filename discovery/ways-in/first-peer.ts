/**
 * Which way in brought the first peer, and how long that took. All ways are tried side by side; each tells here whom it
 * is about to dial, and the peer that is connected first says which of them has won.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withoutPeer } from '../contact/known-addresses.ts'
import { MAX_ADDRESSES_PER_PEER } from '../contact/peer-dialer.ts'
import type { PeerChange, PeerTable } from '../peers/peer-table.ts'

/** How a node finds others before it knows any. `called`: none of them, another node dialled this one. */
export const WAYS_IN = ['remembered', 'mdns', 'bootstrap', 'invitation', 'rendezvous', 'called'] as const
export type WayIn = (typeof WAYS_IN)[number]

/** The first peer of a run. */
export interface FirstPeer {
  readonly way: WayIn
  readonly peer: string
  /** Milliseconds from the start to the connection over which it told that it is a node of this network. */
  readonly afterMs: number
}

/** Peers of whom it is kept who named them, until the first of them is connected. */
export const MAX_NAMED_PEERS = 1024

/** What a way in tells before it dials. */
export type NamePeer = (way: WayIn, peer: string, addresses: readonly Multiaddr[]) => void

export interface FirstPeerWatchComponents {
  readonly libp2p: { getConnections(peer: PeerId): readonly Pick<Connection, 'remoteAddr'>[] }
  readonly table: Pick<PeerTable, 'onChange'>
  readonly clock: Pick<Clock, 'monotonic'>
}

export class FirstPeerWatch implements Startable {
  readonly #components: FirstPeerWatchComponents
  /** By peer: who named it, the first before the others, and where. */
  readonly #named = new LRUCache<string, Map<WayIn, readonly string[]>>({ max: MAX_NAMED_PEERS })
  #first: FirstPeer | undefined
  #startedAt = 0
  #unlisten = (): void => {}

  constructor(components: FirstPeerWatchComponents) {
    this.#components = components
  }

  /** Undefined while there was none in this run. */
  get first(): FirstPeer | undefined {
    return this.#first
  }

  /** The time counts from here: before libp2p listens. */
  async start(): Promise<void> {
    this.#first = undefined
    this.#startedAt = this.#components.clock.monotonic()
    this.#unlisten = this.#components.table.onChange(this.#onChange)
  }

  async stop(): Promise<void> {
    this.#unlisten()
    this.#named.clear()
  }

  readonly name: NamePeer = (way, peer, addresses) => {
    if (this.#first !== undefined) return
    const ways = this.#named.get(peer) ?? new Map<WayIn, readonly string[]>()
    const places = addresses.slice(0, MAX_ADDRESSES_PER_PEER).map((address) => withoutPeer(address.toString()))
    this.#named.set(peer, ways.set(way, places))
  }

  readonly #onChange = ({ kind, id }: PeerChange): void => {
    if (kind !== 'connected' || this.#first !== undefined) return
    const afterMs = Math.round(this.#components.clock.monotonic() - this.#startedAt)
    this.#first = { way: this.#wayOf(id), peer: id, afterMs }
    this.#named.clear()
  }

  /** The way whose address answered; else the first that named the peer. */
  #wayOf(id: string): WayIn {
    const ways = this.#named.get(id)
    if (ways === undefined) return 'called'
    const at = this.#components.libp2p
      .getConnections(peerIdFromString(id))
      .map(({ remoteAddr }) => withoutPeer(remoteAddr.toString()))
    const answered = [...ways].find(([, places]) => places.some((place) => at.includes(place)))
    return (answered ?? [...ways][0])?.[0] ?? 'called'
  }
}
