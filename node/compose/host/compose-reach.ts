/** How others reach this node, put together: the question, its answers, the seats at relays, the DHT's mode. */
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import type { Startable } from '../../../core/run/startable.ts'
import { hostOf, isLoopback } from '../../../discovery/addresses/may-dial.ts'
import { peerOf } from '../../../discovery/contact/bootstrap-list.ts'
import type { PeerTable } from '../../../discovery/peers/peer-table.ts'
import { OwnReach } from '../../../discovery/reach/own-reach.ts'
import { askReach } from '../../../protocols/reach/ask.ts'
import { ReachServer } from '../../../protocols/reach/server.ts'
import type { ReachStatus } from '../../api/node-api.ts'
import type { HostComponents } from './create-host.ts'
import type { Host } from './swarm-host.ts'

export interface ReachRoom {
  readonly reach: OwnReach
  /** How others reach this node, and what it carries for them. */
  readonly report: () => ReachStatus
  readonly parts: readonly Startable[]
}

export interface ReachRoomInit {
  readonly host: Host
  readonly peers: PeerTable
  readonly network: string
  /** Multiaddrs. */
  readonly bootstrap: readonly string[]
  /** Other addresses are to be told to others. */
  readonly changed: () => void
}

export function composeReach(
  { clock, log }: Pick<HostComponents, 'clock' | 'log'>,
  { host, peers, network, bootstrap, changed }: ReachRoomInit,
): ReachRoom {
  const { libp2p, dialGate, seats, budget, punching } = host
  const { announcing, dht } = libp2p.services
  const named = new Set(bootstrap.map((address) => peerOf(multiaddr(address))?.toString()))
  const reach = new OwnReach(
    {
      libp2p,
      seats,
      clock,
      log,
      ask: (connection, ports, signal) => askReach(connection, { network, ports, signal, clock }),
      isTrusted: (peer) => named.has(peer) || peers.relation(peer) !== 'stranger',
      isOwn: (peer) => peers.relation(peer) === 'home',
      own: announcing.own,
      onChange: (before, now) => {
        announcing.changed(before, now)
        // A server that cannot be dialled is a dead end of every walk that passes it.
        void dht.setMode(reach.dialable === 'yes' ? 'server' : 'client')
        changed()
      },
    },
    { network, self: libp2p.peerId.toString(), relayProtocol: RELAY_V2_HOP_CODEC },
  )
  host.advertise(() => reach.advertised(announcing.own()))
  const server = new ReachServer(
    {
      libp2p,
      clock,
      log,
      mayDial: (address) => {
        const own = hostOf(address)
        if (own === undefined || isLoopback(own)) return false
        dialGate.tell([address])
        return true
      },
    },
    { network },
  )
  return {
    reach,
    report: () => ({ ...reach.report, carried: budget.figures, direct: punching.report() }),
    parts: [server, reach],
  }
}
