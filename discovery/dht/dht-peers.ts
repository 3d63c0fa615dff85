/**
 * The connected peers that serve the DHT. kad-dht itself knows those that have answered its ping within its time: one
 * that is lost on a busy machine leaves a connected peer out of the routing table until something mentions it again.
 * While the table has room such peers are offered to it anew.
 */
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { HOLDERS } from './walk-progress.ts'

/** Between two looks at the table: a ping is answered or lost by then. */
export const OFFER_AGAIN_MS = 10_000

/** What is used of kad-dht. */
export interface TableDht {
  readonly protocol: string
  readonly routingTable: {
    readonly size: number
    find(peer: PeerId): Promise<PeerId | undefined>
    /** Pings the peer, and adds it when it answers. */
    queueRoutingTableUpdate(peer: PeerId): void
  }
}

export interface DhtPeersComponents {
  readonly libp2p: Pick<Libp2p, 'register' | 'unregister' | 'addEventListener' | 'removeEventListener'>
  readonly dht: TableDht
  readonly clock: Pick<Clock, 'after'>
}

export class DhtPeers implements Startable {
  readonly #components: DhtPeersComponents
  readonly #connected = new Map<string, PeerId>()
  #registration: string | undefined
  #cancelTimer = (): void => {}

  constructor(components: DhtPeersComponents) {
    this.#components = components
  }

  /** Call it before any peer is connected: one that is known already is heard of when it identifies itself again. */
  async start(): Promise<void> {
    if (this.#registration !== undefined) return
    const { libp2p, dht } = this.#components
    libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#registration = await libp2p.register(dht.protocol, {
      onConnect: (peer) => {
        this.#connected.set(peer.toString(), peer)
      },
    })
    this.#offerLater()
  }

  async stop(): Promise<void> {
    if (this.#registration === undefined) return
    const { libp2p } = this.#components
    this.#cancelTimer()
    libp2p.unregister(this.#registration)
    this.#registration = undefined
    libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#connected.clear()
  }

  /** Those that are connected now. */
  get connected(): readonly PeerId[] {
    return [...this.#connected.values()]
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    this.#connected.delete(detail.toString())
  }

  #offerLater(): void {
    this.#cancelTimer = this.#components.clock.after(OFFER_AGAIN_MS, () => {
      void this.#offer()
      this.#offerLater()
    })
  }

  /** Not where the table has enough to begin a walk with: it fills by its own walks. */
  async #offer(): Promise<void> {
    const { routingTable } = this.#components.dht
    for (const peer of this.connected) {
      if (routingTable.size >= HOLDERS || this.#registration === undefined) return
      if ((await routingTable.find(peer)) === undefined) routingTable.queueRoutingTableUpdate(peer)
    }
  }
}
