/** Cuts the connections of strangers that are too many, as they come: see connection-limits.ts. */
import type { Connection, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { Relation } from '../../core/scope.ts'
import { subnetOf } from '../addresses/subnet.ts'
import { type ConnectionOrigin, connectionsToCut, type HeldConnection, NEWCOMER_MS } from './connection-limits.ts'
import { pathOf } from './path-of.ts'

/** What is used of libp2p. */
export interface CrowdedLibp2p
  extends Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  getConnections(): Connection[]
  /** Where this node is reached, through relays too. */
  getMultiaddrs(): Multiaddr[]
}

export interface CrowdKeeperComponents {
  readonly libp2p: CrowdedLibp2p
  readonly clock: Clock
  readonly log: Logger
  /** What a peer is to us, be it remembered or proved now. */
  readonly relation: (peer: string) => Relation
  /** Peers with a query under way, here or there. */
  readonly busy: () => ReadonlySet<string>
}

interface Held extends HeldConnection {
  readonly connection: Connection
}

export class CrowdKeeper implements Startable {
  readonly #components: CrowdKeeperComponents
  #cancelLook: (() => void) | undefined
  #running = false

  constructor(components: CrowdKeeperComponents) {
    this.#components = components
  }

  async start(): Promise<void> {
    this.#running = true
    this.#components.libp2p.addEventListener('connection:open', this.#onOpen)
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#components.libp2p.removeEventListener('connection:open', this.#onOpen)
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  readonly #onOpen = (): void => {
    this.#cut()
    // Once more when the newcomer has had its time.
    this.#cancelLook ??= this.#components.clock.after(NEWCOMER_MS, () => {
      this.#cancelLook = undefined
      if (this.#running) this.#cut()
    })
  }

  #cut(): void {
    const { log } = this.#components
    for (const { connection, origin } of connectionsToCut(this.#held())) {
      log.debug({ peer: connection.remotePeer.toString(), origin }, 'one stranger too many')
      connection.abort(new RealmeshError('REALM_OVERLOADED', 'too many connections of strangers'))
    }
  }

  #held(): readonly Held[] {
    const { libp2p, clock, relation, busy } = this.#components
    const connections = libp2p.getConnections()
    const inUse = busy()
    const relays = relaysInUse(connections, libp2p.getMultiaddrs())
    const now = clock.wall()
    return connections.map((connection) => {
      const peer = connection.remotePeer.toString()
      return {
        connection,
        relation: relation(peer),
        origin: originOf(connection),
        spared: inUse.has(peer) || relays.has(peer),
        ageMs: now - connection.timeline.open,
      }
    })
  }
}

/** Those that carry a connection of ours, and those at which we have a seat. */
function relaysInUse(connections: readonly Connection[], own: readonly Multiaddr[]): ReadonlySet<string> {
  const paths = [...connections, ...own.map((remoteAddr) => ({ remoteAddr }))].map(pathOf)
  return new Set(paths.flatMap(({ relay }) => relay ?? []))
}

/** A relayed connection comes from its relay, whatever the address says of the relay's subnet. */
function originOf(connection: Connection): ConnectionOrigin | undefined {
  const { kind, relay } = pathOf(connection)
  if (kind === 'relayed') return relay === undefined ? undefined : { kind: 'relay', id: relay }
  const subnet = subnetOf(connection.remoteAddr)
  return subnet === undefined ? undefined : { kind: 'subnet', id: subnet }
}
