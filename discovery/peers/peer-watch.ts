/**
 * Follows libp2p's connections: a peer that speaks our card protocol enters the peer table, one that is gone leaves the
 * routable set at once.
 */
import type { Connection, Libp2pEvents, PeerId, Topology, TypedEventTarget } from '@libp2p/interface'
import type { Startable } from '../../core/run/startable.ts'
import { subnetOf } from '../addresses/subnet.ts'
import { bestConnections } from '../links/best-connections.ts'
import { pathOf } from '../links/path-of.ts'
import type { PeerCards } from './peer-cards.ts'
import type { PeerTable } from './peer-table.ts'

/** What is used of libp2p. */
export interface WatchedLibp2p
  extends Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  register(protocol: string, topology: Topology): Promise<string>
  unregister(id: string): void
  getConnections(peer?: PeerId): Connection[]
}

export interface PeerWatchComponents {
  readonly libp2p: WatchedLibp2p
  readonly table: Pick<PeerTable, 'setConnected' | 'setPath' | 'setRtt' | 'get'>
  readonly cards: Pick<PeerCards, 'fetch'>
  /** A realmesh node is connected; its card is on the way. */
  onJoin(peer: PeerId): void
}

export interface PeerWatchInit {
  /** Protocol by which a realmesh node is known. */
  readonly cardProtocol: string
}

export class PeerWatch implements Startable {
  readonly #components: PeerWatchComponents
  readonly #cardProtocol: string
  #registration: string | undefined

  constructor(components: PeerWatchComponents, init: PeerWatchInit) {
    this.#components = components
    this.#cardProtocol = init.cardProtocol
  }

  async start(): Promise<void> {
    if (this.#registration !== undefined) return
    const { libp2p } = this.#components
    libp2p.addEventListener('connection:open', this.#onWays)
    libp2p.addEventListener('connection:close', this.#onWays)
    libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#registration = await libp2p.register(this.#cardProtocol, {
      notifyOnLimitedConnection: true,
      onConnect: this.#onNode,
    })
  }

  async stop(): Promise<void> {
    if (this.#registration === undefined) return
    const { libp2p } = this.#components
    libp2p.unregister(this.#registration)
    this.#registration = undefined
    libp2p.removeEventListener('connection:open', this.#onWays)
    libp2p.removeEventListener('connection:close', this.#onWays)
    libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
  }

  /** Takes over the round trips that pings have measured, of each peer that of its best way. */
  readRoundTrips(): void {
    const { libp2p, table } = this.#components
    for (const [peer, { rtt }] of bestConnections(libp2p.getConnections())) {
      if (rtt !== undefined) table.setRtt(peer, rtt)
    }
  }

  #tellPath(peer: PeerId): void {
    const { libp2p, table } = this.#components
    for (const [id, connection] of bestConnections(libp2p.getConnections(peer))) table.setPath(id, pathOf(connection))
  }

  /** The peer has just said something: one that was silent for too long is connected again. */
  speaks(peer: PeerId): void {
    const { table, libp2p } = this.#components
    if (table.get(peer.toString())?.connected !== false) return
    const [connection] = libp2p.getConnections(peer)
    if (connection !== undefined) table.setConnected(peer.toString(), true, subnetOf(connection.remoteAddr))
  }

  /** A connection more, or one less: the best way may be another. */
  readonly #onWays = (event: CustomEvent<Connection>): void => {
    this.#tellPath(event.detail.remotePeer)
  }

  readonly #onNode = (peer: PeerId, { remoteAddr }: Pick<Connection, 'remoteAddr'>): void => {
    const id = peer.toString()
    this.#components.table.setConnected(id, true, subnetOf(remoteAddr))
    this.#tellPath(peer)
    this.#components.onJoin(peer)
    void this.#components.cards.fetch(id)
  }

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    this.#components.table.setConnected(event.detail.toString(), false)
  }
}
