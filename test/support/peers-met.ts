/** libp2p as far as it tells of peers: who is connected, from where, and what each speaks. */
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { newPeerId } from './fake-libp2p.ts'

export interface MetInit {
  readonly at: string
  /** @default true */
  readonly direct?: boolean
  /** @default outbound */
  readonly direction?: Connection['direction']
}

/** Peers have names, which stand for their ids. */
export class PeersMet extends EventTarget {
  readonly #ids = new Map<string, PeerId>()
  readonly #topologies = new Map<string, Topology>()
  #connections: Connection[] = []

  async register(protocol: string, topology: Topology): Promise<string> {
    this.#topologies.set(protocol, topology)
    return protocol
  }

  unregister(id: string): void {
    this.#topologies.delete(id)
  }

  getConnections(peer?: PeerId): Connection[] {
    return this.#connections.filter(({ remotePeer }) => peer === undefined || remotePeer.equals(peer))
  }

  /** A connection opens. */
  async connect(name: string, { at, direct = true, direction = 'outbound' }: MetInit): Promise<void> {
    const remotePeer = this.#ids.get(name) ?? (await newPeerId())
    this.#ids.set(name, remotePeer)
    const connection = { remotePeer, remoteAddr: multiaddr(at), direct, direction, status: 'open' } as Connection
    this.#connections.push(connection)
    this.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
  }

  /** The peer has told that it speaks the protocol. */
  identify(name: string, protocol: string): void {
    const [connection] = this.getConnections(this.idOf(name))
    if (connection !== undefined) this.#topologies.get(protocol)?.onConnect?.(connection.remotePeer, connection)
  }

  /** All its connections are gone. */
  lose(name: string): void {
    const peer = this.idOf(name)
    this.#connections = this.#connections.filter(({ remotePeer }) => !remotePeer.equals(peer))
    for (const { onDisconnect } of this.#topologies.values()) onDisconnect?.(peer)
  }

  /** Throws for a peer that never connected. */
  idOf(name: string): PeerId {
    const id = this.#ids.get(name)
    if (id === undefined) throw new Error(`there is no peer ${name}`)
    return id
  }

  nameOf(peer: PeerId | string): string {
    const [name = ''] = [...this.#ids].find(([, id]) => id.toString() === peer.toString()) ?? []
    return name
  }
}

/** Everything that is under way without timers has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
