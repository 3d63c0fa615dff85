/** What a node does with the network's DHT, as one: writes what it serves, looks for realms, searches for a model. */
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { PeerHint } from '../contact/peer-dialer.ts'
import { DhtAdvertiser, type DhtAdvertiserComponents, type ProvidingDht } from './dht-advertiser.ts'
import { DhtFinder } from './dht-finder.ts'
import { DhtLookup, type DhtLookupComponents } from './dht-lookup.ts'
import { DhtPeers, type DhtPeersComponents, type TableDht } from './dht-peers.ts'
import { ModelSearch } from './model-search.ts'
import { ProviderWalks, type WalkedDht, type WalkingLibp2p } from './provider-walks.ts'

/** What is used of the DHT. */
export type NetworkDht = ProvidingDht & TableDht & WalkedDht

export interface DhtSideComponents {
  readonly dht: NetworkDht
  readonly libp2p: WalkingLibp2p & DhtPeersComponents['libp2p'] & { getConnections(): readonly unknown[] }
  readonly clock: Clock
  readonly log: Logger
  /** What is to be found under this node now. */
  readonly names: DhtAdvertiserComponents['names']
  /** A node may serve one of the realms. */
  readonly suggest: (hint: PeerHint) => void
  /** Whether anything may be looked for now that no query needs. @default always */
  readonly background?: (() => boolean) | undefined
  /** How many nodes are known that serve a realm. */
  readonly servers: (realm: string) => number
  /** Nodes that serve the model as far as is known, and are not connected. */
  readonly known: (model: string) => readonly PeerHint[]
  /** Connects to a node and takes in its card. Never rejects. */
  readonly meet: (hint: PeerHint, signal: CancelSignal & AbortSignal) => Promise<void>
  readonly onSelf: NonNullable<DhtLookupComponents['onSelf']>
  /** Whether the addresses are there at which this node is to be found. */
  readonly isSettled: () => boolean
}

export interface DhtSideInit {
  readonly network: string
  /** Own peer id. */
  readonly self: string
  readonly realms: readonly string[]
  readonly advertiseIntervalMs?: number
  /** Longest search for a model. @default SEARCH_MS */
  readonly searchMs?: number
  readonly rng: () => number
}

export interface DhtSide {
  readonly lookup: DhtLookup
  /** Whether there is a peer to ask, and anything may be looked for that no query needs. */
  readonly mayLook: () => boolean
  readonly advertiser: DhtAdvertiser
  readonly finder: DhtFinder
  readonly search: ModelSearch
  /** To be started before any peer is dialled. */
  readonly peers: Startable
}

/** Composes it; nothing is started. */
export function dhtSide(components: DhtSideComponents, init: DhtSideInit): DhtSide {
  const { dht, libp2p, clock, log, names, suggest, servers, known, meet, onSelf, isSettled } = components
  const { network, self, realms, rng } = init
  const hasPeers = (): boolean => libp2p.getConnections().length > 0
  const mayLook = (): boolean => hasPeers() && components.background?.() !== false
  const peers = new DhtPeers({ libp2p, dht, clock })
  const walks = new ProviderWalks({ dht, libp2p, peers, clock })
  const lookup = new DhtLookup({ dht: walks, clock, log, onSelf }, { network, self })
  return {
    lookup,
    mayLook,
    advertiser: new DhtAdvertiser(
      { dht, clock, log, names, hasPeers: () => hasPeers() && isSettled() },
      { network, self, rng, ...defined({ intervalMs: init.advertiseIntervalMs }) },
    ),
    finder: new DhtFinder({ lookup, clock, hasPeers: mayLook, servers, onHint: suggest }, { realms, rng }),
    search: new ModelSearch({ lookup, known, meet, hasPeers, clock, log }, init),
    peers,
  }
}
