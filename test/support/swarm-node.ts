/**
 * Nodes of a swarm in this process: the daemon's own libp2p assembly with the whole of discovery on loopback, without
 * workers or gateway.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Metrics, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../core/logger.ts'
import type { ModelLoad } from '../../core/model/load.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import type { Scope } from '../../core/scope.ts'
import { DialGate } from '../../discovery/contact/dial-gate.ts'
import type { PeerMemory } from '../../discovery/contact/remembered-peers.ts'
import { TwinWatch } from '../../discovery/contact/twin-watch.ts'
import { bucketsOf, type DhtName } from '../../discovery/dht/dht-keys.ts'
import { DhtLookup } from '../../discovery/dht/dht-lookup.ts'
import { FederationDiscovery } from '../../discovery/federation-discovery.ts'
import { DenyList, denyListGates } from '../../discovery/guard/deny-list.ts'
import { ClockSkews } from '../../discovery/load/clock-skews.ts'
import type { LoadPubsub } from '../../discovery/load/load-gossip.ts'
import { LoadStatements } from '../../discovery/load/load-statements.ts'
import { PeerTable } from '../../discovery/peers/peer-table.ts'
import { type Friend, judgeStanding } from '../../discovery/peers/standing.ts'
import type { TxtResolver } from '../../discovery/ways-in/dnsaddr.ts'
import { FirstPeerWatch } from '../../discovery/ways-in/first-peer.ts'
import { createLibp2pNode, type Libp2pNode } from '../../node/compose/libp2p/libp2p-node.ts'
import { federationId, issueCertificate } from '../../protocols/card/federation-certificate.ts'
import { loadTopic } from '../../protocols/load/load-record.ts'
import { RoutingView } from '../../routing/offers/routing-view.ts'
import { chatModel, modelLoad } from './routing.ts'

export interface SwarmNodeOptions {
  /** @default a new one */
  readonly privateKey?: PrivateKey
  /** @default one of its own, so that the node is alone in its federation */
  readonly federationKey?: PrivateKey
  /** @default 'desk' */
  readonly name?: string
  readonly label?: string
  /** Models offered in `$CHAT`. @default none */
  readonly models?: readonly string[]
  readonly share?: Scope
  readonly friends?: readonly Friend[]
  readonly bootstrap?: readonly Multiaddr[]
  readonly memory?: PeerMemory
  /** @default the system's name servers */
  readonly resolver?: TxtResolver
  /** @default a free port on loopback */
  readonly listen?: readonly string[]
  /** @default false */
  readonly mdns?: boolean
  /** Connected peers above which it dials no more hints. @default 64 */
  readonly targetPeers?: number
  /** Realms that it looks for in the background. @default ['$CHAT'] */
  readonly realms?: readonly string[]
  /** Longest search for a model. @default 10,000 */
  readonly searchMs?: number
  /** Whether it states its load to the swarm and hears that of others. @default true */
  readonly gossips?: boolean
  /** Whether it lets a peer connect to it, and dials it. @default all of them */
  readonly admits?: (peer: string) => boolean
  /** Takes libp2p's own figures. @default nobody counts */
  readonly metrics?: () => Metrics
  /** What its discovery goes by; libp2p has the system's. @default systemClock */
  readonly clock?: Clock
}

/** Carries nothing. */
function mutePubsub(): LoadPubsub {
  return {
    topicValidators: new Map(),
    subscribe: () => {},
    unsubscribe: () => {},
    publish: async () => ({ recipients: [] }),
  }
}

/** A memory that lives as long as the test. */
export class FakeMemory implements PeerMemory {
  saved: unknown

  async load(): Promise<unknown> {
    return this.saved
  }

  async save(peers: unknown): Promise<void> {
    this.saved = JSON.parse(JSON.stringify(peers))
  }
}

export interface SwarmNode {
  readonly id: string
  readonly privateKey: PrivateKey
  readonly libp2p: Libp2pNode
  readonly discovery: FederationDiscovery
  readonly table: PeerTable
  readonly view: RoutingView
  readonly denyList: DenyList
  /** What the node says of itself; call `discovery.changed()` or `loadChanged()` after altering it. */
  readonly state: { models: readonly string[]; loads: readonly ModelLoad[]; draining: boolean; share: Scope }
  stop(): Promise<void>
}

const NETWORK = 'test'

/** A started node that joins through `bootstrap`. Stop it. */
export async function swarmNode(options: SwarmNodeOptions = {}): Promise<SwarmNode> {
  const privateKey = options.privateKey ?? (await generateKeyPair('Ed25519'))
  const federationKey = options.federationKey ?? (await generateKeyPair('Ed25519'))
  const clock = options.clock ?? systemClock
  const denyList = new DenyList({ clock })
  const dialGate = new DialGate({
    clock,
    own: () => ({ addresses: libp2p.getMultiaddrs(), networks: [] }),
  })
  const libp2p: Libp2pNode = await createLibp2pNode({
    privateKey,
    network: NETWORK,
    listen: options.listen ?? ['/ip4/127.0.0.1/tcp/0'],
    mdns: options.mdns ?? false,
    onNeighbour: (neighbour, addresses) => {
      dialGate.tell(addresses)
      firstPeer.name('mdns', neighbour, addresses)
    },
    onHandshake: (handshake) => twins.onHandshake(handshake),
    version: '0.0.0',
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    allowedTopics: [loadTopic(NETWORK)],
    connectionGater: {
      ...denyListGates({ isDenied: (peer) => denyList.isDenied(peer) || options.admits?.(peer) === false }),
      denyDialMultiaddr: dialGate.denyDialMultiaddr,
    },
  })
  const twins = new TwinWatch({ libp2p, clock, log: silentLogger })
  const id = libp2p.peerId.toString()
  const label = options.label ?? 'rig'
  const certificate = await issueCertificate(federationKey, { network: NETWORK, peerId: id, label, now: Date.now() })
  const circle = { federation: federationId(federationKey.publicKey), friends: options.friends ?? [] }
  const models = options.models ?? []
  const state: SwarmNode['state'] = {
    models,
    loads: models.map((model) => modelLoad({ model })),
    draining: false,
    share: options.share ?? 'home',
  }
  const view = new RoutingView()
  const table = new PeerTable({
    routing: view,
    clock,
    judge: (card, wallMs) => judgeStanding(card, circle, wallMs),
  })
  const firstPeer = new FirstPeerWatch({ libp2p, table, clock })
  const statements = new LoadStatements({
    clock,
    models: () => state.loads,
    draining: () => state.draining,
  })
  const discovery = new FederationDiscovery(
    {
      libp2p,
      pubsub: options.gossips === false ? mutePubsub() : libp2p.services.pubsub,
      dht: libp2p.services.dht,
      table,
      privateKey,
      memory: options.memory ?? new FakeMemory(),
      denyList,
      dialGate,
      twins,
      clocks: new ClockSkews({ log: silentLogger }),
      firstPeer,
      ...(options.resolver === undefined ? {} : { resolver: options.resolver }),
      clock,
      log: silentLogger,
      cardFacts: () => ({
        version: '0.0.0',
        name: options.name ?? 'desk',
        label,
        realms: [{ name: '$CHAT', queryType: 'chat' }],
        models: state.models.map((name) => ({ realm: '$CHAT', model: chatModel({ name }), slots: 2 })),
        share: state.share,
        addresses: libp2p.getMultiaddrs().map((address) => address.toString()),
        certificate,
      }),
      circle: () => circle,
      ownLoad: () => statements.next(),
    },
    {
      network: NETWORK,
      mdns: options.mdns ?? false,
      bootstrap: options.bootstrap ?? [],
      realms: options.realms ?? ['$CHAT'],
      ...(options.targetPeers === undefined ? {} : { targetPeers: options.targetPeers }),
      ...(options.searchMs === undefined ? {} : { searchMs: options.searchMs }),
    },
  )
  await firstPeer.start()
  await libp2p.start()
  await discovery.start()
  const stop = async (): Promise<void> => {
    await discovery.stop()
    await libp2p.stop()
    await firstPeer.stop()
  }
  return { id, privateKey, libp2p, discovery, table, view, denyList, state, stop }
}

/** Resolves when `holds` does; asked again after every change of the node's peer table. */
export function untilTable({ table }: Pick<SwarmNode, 'table'>, holds: (table: PeerTable) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const ask = (): void => {
      if (!holds(table)) return
      unlisten()
      resolve()
    }
    const unlisten = table.onChange(ask)
    ask()
  })
}

/** Resolves when the node is connected to the peer and has its card. */
export function untilKnown(node: SwarmNode, id: string): Promise<void> {
  return untilTable(node, (table) => table.get(id)?.connected === true && table.get(id)?.card !== undefined)
}

/** Whether the DHT, asked by `by` now, names the node `id` for a realm, a model or a federation. */
export async function isInDht(by: SwarmNode, name: DhtName, id: string): Promise<boolean> {
  const named = new Set<string>()
  const lookup = new DhtLookup(
    { dht: by.libp2p.services.dht, clock: systemClock, log: silentLogger },
    { network: NETWORK, self: by.id },
  )
  const { signal } = new AbortController()
  const [bucket = 0] = bucketsOf(id, name.kind)
  await lookup.bucket(name, bucket, { signal, onHint: (hint) => named.add(hint.id) })
  return named.has(id)
}
