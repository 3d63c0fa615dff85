/** What the discovery of a node is made of: the parts that it is given, and what may change while it runs. */
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../core/logger.ts'
import type { NodeLoad } from '../core/model/load.ts'
import type { Clock } from '../core/run/clock.ts'
import type { ContactLibp2p } from './contact/contact-keeper.ts'
import type { DialGate } from './contact/dial-gate.ts'
import type { KeepConnectedLibp2p } from './contact/keep-connected.ts'
import type { DialerLibp2p } from './contact/peer-dialer.ts'
import type { PeerMemory } from './contact/remembered-peers.ts'
import type { TwinWatch } from './contact/twin-watch.ts'
import type { ExcessContactsComponents } from './demand/excess-contacts.ts'
import type { NetworkDht } from './dht/dht-side.ts'
import type { WalkingLibp2p } from './dht/provider-walks.ts'
import type { DenyList } from './guard/deny-list.ts'
import type { ClockSkews } from './load/clock-skews.ts'
import type { LoadPubsub } from './load/load-gossip.ts'
import type { CardFacts } from './own-card.ts'
import type { PeerTable } from './peers/peer-table.ts'
import type { WatchedLibp2p } from './peers/peer-watch.ts'
import type { OwnCircle } from './peers/standing.ts'
import type { PresenceComponents } from './presence/presence.ts'
import type { OwnReach } from './reach/own-reach.ts'
import type { BootstrapDoorsComponents } from './ways-in/bootstrap-doors.ts'
import type { FirstPeerWatch } from './ways-in/first-peer.ts'

/** What is used of libp2p. */
export type DiscoveryLibp2p = WatchedLibp2p &
  DialerLibp2p &
  KeepConnectedLibp2p &
  ContactLibp2p &
  WalkingLibp2p &
  ExcessContactsComponents['libp2p'] &
  PresenceComponents['libp2p'] &
  Pick<Libp2p, 'handle' | 'unhandle'>

export interface FederationDiscoveryComponents extends Pick<BootstrapDoorsComponents, 'resolver'> {
  readonly libp2p: DiscoveryLibp2p
  readonly pubsub: LoadPubsub
  readonly dht: NetworkDht
  readonly table: PeerTable
  readonly privateKey: PrivateKey
  readonly memory: PeerMemory
  readonly denyList: DenyList
  /** Told where a peer came from that is shut out. */
  readonly charge?: (address: Multiaddr) => void
  readonly dialGate: Pick<DialGate, 'tell'>
  /** How others reach this node. @default they dial it */
  readonly reach?: Pick<OwnReach, 'settled' | 'through'>
  /** Runs as long as discovery does. */
  readonly twins: Pick<TwinWatch, 'start' | 'stop' | 'heard' | 'warnings'>
  readonly clocks: ClockSkews
  /** Told of each peer that a way in is about to dial. */
  readonly firstPeer: Pick<FirstPeerWatch, 'name' | 'first'>
  readonly clock: Clock
  readonly log: Logger
  /** Whether anything may be done now that no query needs. @default always */
  readonly background?: () => boolean
  /** What the own card says, as it is now; after a change call `changed()`. */
  readonly cardFacts: () => CardFacts
  /** The own federation and the friends, as they are now; after a change call `changed()`. */
  readonly circle: () => OwnCircle
  /** A new statement of the own load with each call: see LoadStatements. */
  readonly ownLoad: () => NodeLoad
}

/** What may change while the node runs. */
export interface FederationDiscoveryAims {
  /** Addresses of bootstrap peers, each naming its peer. */
  readonly bootstrap: readonly Multiaddr[]
  /** Realms that this node's own queries may need. */
  readonly realms: readonly string[]
  /** Milliseconds after which provider records are written again. @default 3,600,000 */
  readonly advertiseIntervalMs?: number
}

export interface FederationDiscoveryInit extends FederationDiscoveryAims {
  readonly network: string
  /** Whether nodes of the local network are found. @default false */
  readonly mdns?: boolean
  /** Connected peers above which hints are let go. @default TARGET_PEERS */
  readonly targetPeers?: number
  /** Longest search for a model, milliseconds. @default SEARCH_MS */
  readonly searchMs?: number
  /** Numbers from 0 to 1. @default Math.random */
  readonly rng?: () => number
}
