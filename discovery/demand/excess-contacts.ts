/**
 * Lets go of connections that this node opened for a walk, a search or a query and that nothing keeps any more. Those
 * that others opened are theirs to close: two ends with different wishes would close and dial for ever.
 */
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { trafficOf } from '../guard/wire/guarded-handlers.ts'
import type { PeerTable } from '../peers/peer-table.ts'

/** Connected peers up to which none is let go: some more than are wanted, or each would go as soon as it came. */
export const MAX_QUIET_PEERS = 12
/** A connection that is younger may be about to be used, milliseconds. */
export const YOUNG_MS = 60_000
/** Streams that are open as long as a connection is. */
const STANDING = new Set(['presence', 'gossip'])
/** What libp2p's own tags for peers that it must keep begin with: bootstrap peers, own nodes, relays in use. */
const KEEP_ALIVE = 'keep-alive'

export interface ExcessContactsComponents {
  readonly libp2p: Pick<Libp2p, 'getConnections' | 'hangUp'> & { readonly peerStore: Pick<Libp2p['peerStore'], 'get'> }
  readonly table: Pick<PeerTable, 'relation'>
  /** Whether the peer serves queries of this node: such peers are the last to go. */
  readonly serves: (peer: string) => boolean
  readonly clock: Pick<Clock, 'wall'>
  readonly log: Logger
}

/** A peer with all of its connections, as far as it matters. */
export interface Contact {
  readonly peer: PeerId
  /** Whether this node opened all of them. */
  readonly opened: boolean
  readonly busy: boolean
  /** Since the newest, milliseconds. */
  readonly ageMs: number
  readonly serves: boolean
}

/** Who may go, so that `most` stay: those that serve nothing first, then the newest. Pure. */
export function excessOf(contacts: readonly Contact[], most = MAX_QUIET_PEERS): readonly PeerId[] {
  return contacts
    .filter(({ opened, busy, ageMs }) => opened && !busy && ageMs >= YOUNG_MS)
    .sort((a, b) => Number(a.serves) - Number(b.serves) || a.ageMs - b.ageMs)
    .slice(0, Math.max(0, contacts.length - most))
    .map(({ peer }) => peer)
}

export class ExcessContacts {
  readonly #components: ExcessContactsComponents

  constructor(components: ExcessContactsComponents) {
    this.#components = components
  }

  /** Lets go of those that are too many. Never rejects. */
  async letGo(): Promise<void> {
    for (const peer of excessOf(this.#contacts())) {
      if (!(await this.#isKept(peer))) await this.#close(peer)
    }
  }

  #contacts(): readonly Contact[] {
    const { libp2p, serves, clock } = this.#components
    const byPeer = new Map<string, { readonly peer: PeerId; readonly connections: Connection[] }>()
    for (const connection of libp2p.getConnections()) {
      const id = connection.remotePeer.toString()
      const known = byPeer.get(id)
      if (known === undefined) byPeer.set(id, { peer: connection.remotePeer, connections: [connection] })
      else known.connections.push(connection)
    }
    return [...byPeer].map(([id, { peer, connections }]) => ({
      peer,
      opened: connections.every(({ direction }) => direction === 'outbound'),
      busy: connections.some(({ streams }) => streams.some(({ protocol }) => !STANDING.has(trafficOf(protocol)))),
      ageMs: Math.min(...connections.map(({ timeline }) => clock.wall() - timeline.open)),
      serves: serves(id),
    }))
  }

  async #isKept(peer: PeerId): Promise<boolean> {
    const { libp2p, table } = this.#components
    if (table.relation(peer.toString()) !== 'stranger') return true
    try {
      const { tags } = await libp2p.peerStore.get(peer)
      return [...tags.keys()].some((tag) => tag.startsWith(KEEP_ALIVE))
    } catch {
      return false // libp2p knows nothing of it
    }
  }

  async #close(peer: PeerId): Promise<void> {
    const { libp2p, log } = this.#components
    try {
      await libp2p.hangUp(peer)
    } catch (error) {
      log.debug({ peer: peer.toString(), cause: toRealmeshError(error).message }, 'a peer was not let go')
    }
  }
}
