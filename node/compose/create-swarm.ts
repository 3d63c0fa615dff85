/** The node's side towards other nodes: libp2p, discovery and the lanes for queries, composed around one peer table. */
import type { Connection, Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { NodeConfig } from '../../config/schema/node-schema.ts'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import type { ModelLoad, NodeLoad, NodeTotal } from '../../core/model/load.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import type { Relation } from '../../core/scope.ts'
import { DialGate } from '../../discovery/contact/dial-gate.ts'
import { addressedTo } from '../../discovery/contact/peer-dialer.ts'
import type { PeerMemory } from '../../discovery/contact/remembered-peers.ts'
import { TwinWatch } from '../../discovery/contact/twin-watch.ts'
import { FederationDiscovery, type FederationDiscoveryAims } from '../../discovery/federation-discovery.ts'
import { Arrivals } from '../../discovery/guard/arrivals.ts'
import { crowdLog } from '../../discovery/guard/crowd-log.ts'
import { cutBlocked, type DeniedPeer, DenyList, denyListGates, shutOut } from '../../discovery/guard/deny-list.ts'
import { FloodGuard } from '../../discovery/guard/flood-guard.ts'
import { RuleBreakers } from '../../discovery/guard/rule-breakers.ts'
import { Libp2pLinks } from '../../discovery/links/libp2p-links.ts'
import { LoadStatements } from '../../discovery/load/load-statements.ts'
import type { CardFacts } from '../../discovery/own-card.ts'
import { PeerTable } from '../../discovery/peers/peer-table.ts'
import { judgeStanding } from '../../discovery/peers/standing.ts'
import { RelayBudget } from '../../discovery/reach/relay-budget.ts'
import { relayGates } from '../../discovery/reach/relay-gate.ts'
import { throughRelays } from '../../discovery/reach/through-relays.ts'
import type { CardModel, CardRealm } from '../../protocols/card/card.ts'
import { loadTopic } from '../../protocols/load/load-record.ts'
import { QueryClient } from '../../protocols/query/asking/client.ts'
import { DEFAULT_LANES_PER_PEER, TRUSTED_LANES_PER_PEER } from '../../protocols/query/constants.ts'
import type { AdmitQuery } from '../../protocols/query/serving/admitted.ts'
import { QueryServer } from '../../protocols/query/serving/server.ts'
import { RoutingView } from '../../routing/offers/routing-view.ts'
import type { Membership } from '../invite/membership.ts'
import { SwarmFigures } from '../operate/swarm-figures.ts'
import { createLibp2pNode, type Libp2pNode } from './libp2p/libp2p-node.ts'
import { libp2pPart } from './libp2p/libp2p-part.ts'
import { composePunching, type PunchingRoom } from './libp2p/web-rtc/punching-room.ts'

export interface SwarmComponents {
  readonly privateKey: Ed25519PrivateKey
  readonly membership: Pick<Membership, 'id' | 'label' | 'certificate'>
  readonly clock: Clock
  readonly log: Logger
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
  /** What may change while the node runs. */
  readonly settings: () => Pick<NodeConfig, 'name' | 'share' | 'friends' | 'privateNetworks'>
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

export interface SwarmInit extends SwarmAims {
  readonly peerId: string
  /** Of the daemon. */
  readonly version: string
  readonly node: NodeConfig
}

/** What the rest of the node uses of the swarm. */
export interface Swarm {
  readonly peers: PeerTable
  readonly view: RoutingView
  readonly discovery: FederationDiscovery
  readonly client: QueryClient
  /** Peers that are shut out now. */
  readonly denied: () => readonly DeniedPeer[]
  readonly addresses: () => readonly string[]
  /** What libp2p tells of itself, as text. */
  readonly figures: () => Promise<string>
  readonly libp2p: Pick<Libp2pNode, 'handle' | 'unhandle' | 'peerId'>
  /** A connection to the peer: the one that there is, else one made at these addresses. Throws as libp2p does. */
  readonly meet: (peer: string, addresses: readonly string[], signal: CancelSignal) => Promise<Connection>
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
  const peers = new PeerTable({
    routing: view,
    clock,
    judge: (card, wallMs) => judgeStanding(card, { federation: membership.id, friends: settings().friends }, wallMs),
  })
  const statements = new LoadStatements({ clock, models: () => offer.loads(), total: offer.total, draining, paused })
  const load = (): NodeLoad => statements.next()
  const host = await createHost(components, init, peers)
  const addresses = (): readonly string[] => host.libp2p.getMultiaddrs().map(String)
  const facts = cardFacts(components, init, { addresses, stunPort: host.punching.stunPort })
  block(host, peers, init.blocked)
  const discovery = new FederationDiscovery(
    {
      ...components,
      ...host,
      pubsub: host.libp2p.services.pubsub,
      dht: host.libp2p.services.dht,
      table: peers,
      ownLoad: load,
      cardFacts: facts,
    },
    { network: init.node.network, ...discoveryAims(init) },
  )
  const admit = components.serve((peer) => discovery.relationOf(peer))
  const { client, server } = queryLanes(components, init, { host, peers, load, admit })
  return {
    peers,
    view,
    discovery,
    client,
    denied: () => host.denyList.list(),
    addresses,
    figures: () => host.figures.text(),
    libp2p: host.libp2p,
    meet: (peer, at, signal) => meet(host, peer, { at, signal, clock }),
    pardon: (peer) => host.denyList.pardon(peer),
    aimAt: (aims) => {
      discovery.aimAt(discoveryAims(aims))
      block(host, peers, aims.blocked)
    },
    // Behind libp2p at once: the first card names its port.
    parts: [libp2pPart(host.libp2p, init.node.listen), host.punching.part, server, client, discovery],
  }
}

/** libp2p, and who may not connect or be dialled. */
interface Host {
  readonly libp2p: Libp2pNode
  readonly denyList: DenyList
  /** A peer from there was shut out, or knocked although it is. */
  readonly charge: (address: Multiaddr) => void
  readonly dialGate: DialGate
  readonly twins: TwinWatch
  readonly figures: SwarmFigures
  readonly punching: PunchingRoom
}

async function createHost(
  { privateKey, clock, log, settings }: SwarmComponents,
  init: SwarmInit,
  peers: PeerTable,
): Promise<Host> {
  const { network, listen, mdns, relay, webrtc } = init.node
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
  const punching = composePunching({ libp2p: () => libp2p, peers, denyList, clock, log }, { ...webrtc, listen })
  const libp2p: Libp2pNode = await createLibp2pNode({
    privateKey,
    metrics: figures.metrics,
    network,
    listen,
    mdns,
    version: init.version,
    allowedTopics: [loadTopic(network)],
    connectionGater: {
      ...denyListGates(denyList, charge),
      ...arrivals,
      ...relayGates({ denyList, budget, connections: (peer) => libp2p.getConnections(peer) }),
      denyDialMultiaddr: dialGate.denyDialMultiaddr,
    },
    ...(relay.enabled ? { relay: { budget, seats: relay.seats } } : {}),
    guard,
    ...defined({ webRtc: punching.webRtc }),
    onHandshake: (handshake) => twins.onHandshake(handshake),
    onNeighbour: (id, addresses) => {
      dialGate.tell(addresses)
      if (id === init.peerId) twins.heard(addresses)
    },
  })
  const through = throughRelays(libp2p)
  const twins = new TwinWatch({ libp2p, clock, log })
  peers.onChange(({ id }) => {
    if (peers.relation(id) === 'stranger') return
    for (const { remoteAddr } of libp2p.getConnections(peerIdFromString(id))) arrivals.welcome(remoteAddr)
  })
  return { libp2p, denyList, dialGate, twins, charge, figures, punching }
}

/** How long a peer may take to be met, at all of its addresses together. */
const MEET_MS = 15_000

/** The owner names the peer: its addresses may be dialled, wherever they lie. */
async function meet(
  { libp2p, dialGate }: Host,
  peer: string,
  { at, signal, clock }: { readonly at: readonly string[]; readonly signal: CancelSignal; readonly clock: Clock },
): Promise<Connection> {
  const [open] = libp2p.getConnections(peerIdFromString(peer))
  if (open !== undefined) return open
  const addresses = at.map((address) => addressedTo(multiaddr(address), peer))
  dialGate.tell(addresses)
  const dial = (limited: AbortSignal): Promise<Connection> => libp2p.dial(addresses, { signal: limited })
  return await withinLimit(signal, MEET_MS, 'no connection', dial, clock)
}

/** At once: who is newly blocked is cut off and forgotten. */
function block({ denyList, libp2p }: Host, peers: PeerTable, blocked: readonly string[]): void {
  const fresh = denyList.block(blocked)
  cutBlocked({ libp2p }, fresh)
  for (const peer of fresh) peers.forget(peer)
}

/** The two ends of queries: lanes to peers, and those of peers to us. */
function queryLanes(
  { clock, log }: SwarmComponents,
  { node }: SwarmInit,
  parts: { readonly host: Host; readonly peers: PeerTable; readonly load: () => NodeLoad; readonly admit: AdmitQuery },
): { readonly client: QueryClient; readonly server: QueryServer } {
  const { host, peers, load, admit } = parts
  const { libp2p, denyList, charge } = host
  const lanes = {
    network: node.network,
    // Own rigs trust each other with as many queries at once as the streams allow; others get what a stranger may cost.
    maxLanesPerPeer: (peer: string): number =>
      peers.relation(peer) === 'home' ? TRUSTED_LANES_PER_PEER : DEFAULT_LANES_PER_PEER,
  }
  const breakers = new RuleBreakers({
    clock,
    log,
    relation: (peer) => peers.relation(peer),
    shutOut: (peer, reason) => shutOut({ libp2p, denyList, log, charge }, peer, `query protocol: ${reason}`),
  })
  const links = new Libp2pLinks({ libp2p })
  const onLoad = peers.setLoad.bind(peers)
  const onRtt = peers.setRtt.bind(peers)
  const onMalformed = (peer: string, reason: string): void => breakers.note(peer, reason)
  return {
    client: new QueryClient({ links, clock, log, onLoad, onRtt }, lanes),
    server: new QueryServer({ links, clock, log, load, admit, onMalformed }, lanes),
  }
}

function cardFacts(
  { offer, settings, membership }: SwarmComponents,
  { version }: SwarmInit,
  { addresses, stunPort }: Pick<Swarm, 'addresses'> & Pick<PunchingRoom, 'stunPort'>,
): () => CardFacts {
  return () => ({
    version,
    name: settings().name,
    label: membership.label,
    realms: offer.realms(),
    models: offer.models(),
    share: settings().share,
    addresses: addresses(),
    ...defined({ stun: stunPort() }),
    certificate: membership.certificate,
  })
}

function discoveryAims({ bootstrap, realms, advertiseIntervalMs }: SwarmAims): FederationDiscoveryAims {
  return { bootstrap: bootstrap.map((address) => multiaddr(address)), realms, advertiseIntervalMs }
}
