/** libp2p, and who may not connect, be dialled or be carried. */
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { NodeConfig } from '../../../config/schema/node-schema.ts'
import type { Logger } from '../../../core/logger.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { Relation } from '../../../core/scope.ts'
import { DialGate } from '../../../discovery/contact/dial-gate.ts'
import { TwinWatch } from '../../../discovery/contact/twin-watch.ts'
import { Arrivals } from '../../../discovery/guard/arrivals.ts'
import { crowdLog } from '../../../discovery/guard/crowd-log.ts'
import { DenyList, denyListGates, shutOut } from '../../../discovery/guard/deny-list.ts'
import { FloodGuard } from '../../../discovery/guard/flood-guard.ts'
import { ClockSkews } from '../../../discovery/load/clock-skews.ts'
import type { PeerTable } from '../../../discovery/peers/peer-table.ts'
import { RelayBudget } from '../../../discovery/reach/relay-budget.ts'
import { relayGates } from '../../../discovery/reach/relay-gate.ts'
import { throughRelays } from '../../../discovery/reach/through-relays.ts'
import { FirstPeerWatch } from '../../../discovery/ways-in/first-peer.ts'
import { loadTopic } from '../../../protocols/load/load-record.ts'
import { HeardNeighbours } from '../../doctor/swarm/heard-neighbours.ts'
import { SwarmFigures } from '../../operate/swarm-figures.ts'
import { createLibp2pNode, type Libp2pNode } from '../libp2p/libp2p-node.ts'
import type { PrivateSwarm } from '../libp2p/private-swarm.ts'
import type { SeatedTransport } from '../libp2p/reach/relaying.ts'
import { composePunching } from '../libp2p/web-rtc/punching-room.ts'
import type { Host } from './swarm-host.ts'

export interface HostComponents {
  readonly privateKey: Ed25519PrivateKey
  /** @default the open one */
  readonly privateSwarm?: PrivateSwarm
  readonly clock: Clock
  readonly log: Logger
  /** What may change while the node runs. */
  readonly settings: () => Pick<NodeConfig, 'name' | 'share' | 'friends' | 'privateNetworks' | 'registry' | 'budgetMB'>
  /** Told of each announcement in the local network. @default nobody is told */
  readonly onNeighbour?: (peer: string) => void
}

export interface HostInit {
  readonly peerId: string
  /** Of the daemon. */
  readonly version: string
  readonly node: NodeConfig
}

export async function createHost(
  { privateKey, privateSwarm, clock, log, settings, onNeighbour }: HostComponents,
  init: HostInit,
  peers: PeerTable,
): Promise<Host> {
  const { network, listen, mdns, upnp, relay, webrtc } = init.node
  const denyList = new DenyList({ clock })
  const dialGate = new DialGate({
    clock,
    own: () => ({ addresses: libp2p.getMultiaddrs(), networks: settings().privateNetworks }),
  })
  const arrivals = new Arrivals({ clock })
  const charge = (address: Multiaddr): void => arrivals.charge(address)
  const relation = (peer: string): Relation => peers.relation(peer)
  const budget = new RelayBudget({ clock, relation }, relay)
  const guard = new FloodGuard({
    clock,
    relation,
    carried: (peer) => through(peer) + budget.countOf(peer),
    isDenied: (peer) => denyList.isDenied(peer),
    shutOut: (peer, reason) => shutOut({ libp2p, denyList, log, charge }, peer, reason),
    onCrowd: crowdLog({ clock, log }),
  })
  const figures = new SwarmFigures()
  const neighbours = new HeardNeighbours({ clock })
  const punching = composePunching({ libp2p: () => libp2p, peers, denyList, clock, log }, { ...webrtc, listen })
  let seats: SeatedTransport['reservationStore'] | undefined
  let addresses: (() => Multiaddr[]) | undefined
  const libp2p: Libp2pNode = await createLibp2pNode({
    privateKey,
    ...(privateSwarm !== undefined && { privateSwarm }),
    metrics: figures.metrics,
    network,
    listen,
    mdns,
    upnp,
    version: init.version,
    allowedTopics: [loadTopic(network)],
    connectionGater: {
      ...denyListGates(denyList, charge),
      ...arrivals,
      ...relayGates({ denyList, budget, connections: (peer) => libp2p.getConnections(peer) }),
      denyDialMultiaddr: dialGate.denyDialMultiaddr,
    },
    advertise: (given) => addresses?.() ?? [...given],
    onRelayTransport: ({ reservationStore }) => {
      seats = reservationStore
    },
    ...(relay.enabled ? { relay: { budget, seats: relay.seats } } : {}),
    guard,
    ...(punching.webRtc !== undefined && { webRtc: punching.webRtc }),
    onHandshake: (handshake) => twins.onHandshake(handshake),
    onNeighbour: (id, addresses) => {
      dialGate.tell(addresses)
      neighbours.note(id, addresses.map(String))
      firstPeer.name('mdns', id, addresses)
      if (id === init.peerId) twins.heard(addresses)
      else onNeighbour?.(id)
    },
  })
  const through = throughRelays(libp2p)
  const twins = new TwinWatch({ libp2p, clock, log })
  const firstPeer = new FirstPeerWatch({ libp2p, table: peers, clock })
  peers.onChange(({ id }) => {
    if (peers.relation(id) === 'stranger') return
    for (const { remoteAddr } of libp2p.getConnections(peerIdFromString(id))) arrivals.welcome(remoteAddr)
  })
  if (seats === undefined) throw new RealmeshError('INTERNAL', 'libp2p has made no transport for relays')
  return {
    ...{ libp2p, denyList, dialGate, twins, charge, figures, neighbours, firstPeer, budget, seats, punching },
    clocks: new ClockSkews({ log }),
    advertise: (now) => {
      addresses = now
    },
  }
}
