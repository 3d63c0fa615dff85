/** The node's side towards other nodes: libp2p, discovery and the lanes for queries, composed around one peer table. */
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { defined } from '../../core/defined.ts'
import type { ModelLoad, NodeLoad, NodeTotal } from '../../core/model/load.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { Relation } from '../../core/scope.ts'
import type { PeerMemory } from '../../discovery/contact/remembered-peers.ts'
import { FederationDiscovery } from '../../discovery/federation-discovery.ts'
import type { FederationDiscoveryAims } from '../../discovery/federation-discovery-init.ts'
import type { DeniedPeer } from '../../discovery/guard/deny-list.ts'
import { LoadStatements } from '../../discovery/load/load-statements.ts'
import type { CardFacts } from '../../discovery/own-card.ts'
import { MutualStanding } from '../../discovery/peers/mutual-standing.ts'
import { PeerTable } from '../../discovery/peers/peer-table.ts'
import { judgeStanding, type OwnCircle } from '../../discovery/peers/standing.ts'
import { StandingEnds } from '../../discovery/peers/standing-ends.ts'
import type { CardModel, CardRealm } from '../../protocols/card/card.ts'
import type { QueryClient } from '../../protocols/query/asking/client.ts'
import type { AdmitQuery } from '../../protocols/query/serving/admitted.ts'
import { RoutingView } from '../../routing/offers/routing-view.ts'
import type { TrafficStatus } from '../api/node-api.ts'
import { swarmReadings } from '../doctor/swarm/read-swarm.ts'
import type { SwarmReadings } from '../doctor/swarm/swarm-readings.ts'
import type { Membership } from '../invite/membership.ts'
import { BackgroundBudget } from '../operate/background-budget.ts'
import { composeReach, type ReachRoom } from './host/compose-reach.ts'
import { createHost, type HostComponents, type HostInit } from './host/create-host.ts'
import { composeQueryLanes } from './host/query-lanes.ts'
import { block, type Host } from './host/swarm-host.ts'
import type { Libp2pNode } from './libp2p/libp2p-node.ts'
import { libp2pPart } from './libp2p/libp2p-part.ts'
import { meet } from './libp2p/meet.ts'

export interface SwarmComponents extends HostComponents {
  readonly membership: Pick<Membership, 'id' | 'label' | 'certificate'>
  readonly memory: PeerMemory
  /** What the own workers offer to others, and their load per model, as they are now. */
  readonly offer: {
    realms(): readonly CardRealm[]
    models(): readonly CardModel[]
    loads(): readonly ModelLoad[]
    total(): NodeTotal
  }
  readonly draining: () => boolean
  /** Whether the owner serves no others for now. */
  readonly paused: () => boolean
  /** Decides on the queries of peers, given how to learn what a peer is to us. */
  readonly serve: (relationOf: (peer: string) => Promise<Relation | undefined>) => AdmitQuery
}

/** What may change while the node runs. */
export interface SwarmAims {
  /** Multiaddrs. */
  readonly bootstrap: readonly string[]
  /** Realms that own queries may need. */
  readonly realms: readonly string[]
  readonly advertiseIntervalMs: number
  /** Peer ids whom the owner wants shut out. */
  readonly blocked: readonly string[]
}

export interface SwarmInit extends SwarmAims, HostInit {}

/** What the rest of the node uses of the swarm. */
export interface Swarm {
  readonly peers: PeerTable
  readonly view: RoutingView
  readonly discovery: FederationDiscovery
  readonly client: QueryClient
  /** What the owner should know of the ways to peers, a line each. */
  readonly linkWarnings: () => readonly string[]
  /** Peers that are shut out now. */
  readonly denied: () => readonly DeniedPeer[]
  readonly addresses: () => readonly string[]
  /** For the doctor. */
  readonly readings: SwarmReadings
  /** What the own card says. */
  readonly cardFacts: () => CardFacts
  /** What libp2p tells of itself, as text. */
  readonly figures: () => Promise<string>
  readonly libp2p: Pick<Libp2pNode, 'handle' | 'unhandle' | 'peerId' | 'getConnections'>
  /** What the swarm has cost in bytes. */
  readonly traffic: () => TrafficStatus
  /** A connection to the peer: the one that there is, else one made at these addresses. Throws as libp2p does. */
  readonly meet: (peer: string, addresses: readonly string[], signal: CancelSignal) => Promise<Connection>
  /** How others reach this node. */
  readonly reach: ReachRoom['report']
  /** Lets a peer in again that this node shut out. */
  readonly pardon: (peer: string) => void
  /** Other aims from now on. */
  readonly aimAt: (aims: SwarmAims) => void
  /** In the order of their start. */
  readonly parts: readonly Startable[]
}

/** Composes the swarm; nothing is started. */
export async function createSwarm(components: SwarmComponents, init: SwarmInit): Promise<Swarm> {
  const { clock, offer, draining, paused, membership, settings } = components
  const view = new RoutingView()
  const circle = (): OwnCircle => ({ federation: membership.id, friends: settings().friends })
  const peers = new PeerTable({
    routing: view,
    clock,
    judge: (card, wallMs) => judgeStanding(card, circle(), wallMs),
  })
  const statements = new LoadStatements({ clock, models: () => offer.loads(), total: offer.total, draining, paused })
  const load = (): NodeLoad => statements.next()
  const host = await createHost(components, init, peers)
  const reaching = composeReach(components, {
    host,
    peers,
    network: init.node.network,
    bootstrap: init.bootstrap,
    changed: () => discovery.changed(),
  })
  const addresses = (): readonly string[] => host.libp2p.getMultiaddrs().map(String)
  const facts = cardFacts(components, init, { addresses, punching: host.punching })
  block(host, peers, init.blocked)
  const mbPerDay = (): number => settings().budgetMB
  const spending = new BackgroundBudget({ traffic: host.figures.traffic, clock, mbPerDay })
  const discovery = new FederationDiscovery(
    {
      ...components,
      ...host,
      background: spending.admits,
      reach: reaching.reach,
      pubsub: host.libp2p.services.pubsub,
      dht: host.libp2p.services.dht,
      table: peers,
      circle,
      ownLoad: load,
      cardFacts: facts,
    },
    { network: init.node.network, mdns: init.node.mdns, ...discoveryAims(init) },
  )
  const relationOf = (peer: string): Promise<Relation | undefined> => discovery.relationOf(peer)
  const standings = [
    new MutualStanding(
      { ...components, libp2p: host.libp2p, table: peers, relationOf },
      { network: init.node.network },
    ),
    new StandingEnds({ table: peers, clock }),
  ]
  const admit = components.serve(relationOf)
  const lanes = composeQueryLanes({ ...components, ...host, peers, discovery, load, admit }, init.node)
  const { client, server, staying } = lanes
  return {
    peers,
    view,
    discovery,
    client,
    linkWarnings: lanes.warnings,
    denied: () => host.denyList.list(),
    addresses,
    readings: swarmReadings({ ...host, clock, reach: reaching.report }, { network: init.node.network }),
    cardFacts: facts,
    figures: () => host.figures.text(),
    traffic: () => spending.status(),
    libp2p: host.libp2p,
    meet: (peer, at, signal) => meet(host, peer, { at, signal, clock }),
    pardon: (peer) => host.denyList.pardon(peer),
    aimAt: (aims) => {
      discovery.aimAt(discoveryAims(aims))
      block(host, peers, aims.blocked)
    },
    reach: () => reaching.report(),
    parts: [
      host.firstPeer,
      libp2pPart(host.libp2p, init.node.listen),
      // At once: the first card names its port.
      host.punching.part,
      server,
      client,
      ...reaching.parts,
      ...standings,
      discovery,
      staying,
    ],
  }
}

function cardFacts(
  { offer, settings, membership }: SwarmComponents,
  { version }: SwarmInit,
  { addresses, punching }: Pick<Swarm, 'addresses'> & Pick<Host, 'punching'>,
): () => CardFacts {
  return () => ({
    version,
    name: settings().name,
    label: membership.label,
    realms: offer.realms(),
    models: offer.models(),
    share: settings().share,
    addresses: addresses(),
    ...defined({ stun: punching.stunPort() }),
    certificate: membership.certificate,
    ...(settings().registry.listed ? { listing: { contact: settings().registry.contact } } : {}),
  })
}

function discoveryAims({ bootstrap, realms, advertiseIntervalMs }: SwarmAims): FederationDiscoveryAims {
  return { bootstrap: bootstrap.map((address) => multiaddr(address)), realms, advertiseIntervalMs }
}
