/**
 * Finds other nodes and lets them know of this one: composes bootstrap, memory, DHT, gossip, hints and cards around one
 * peer table. What each part decides is in its own file; here is only which part calls which.
 */
import type { Libp2p, PeerInfo, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { defined } from '../core/defined.ts'
import type { Logger } from '../core/logger.ts'
import type { NodeLoad } from '../core/model/load.ts'
import type { Clock } from '../core/run/clock.ts'
import { type Startable, startAll, stopAll } from '../core/run/startable.ts'
import type { Relation } from '../core/scope.ts'
import { cardProtocol } from '../protocols/card/constants.ts'
import { fetchCard } from '../protocols/card/fetch-card.ts'
import { CardServer } from '../protocols/card/server.ts'
import { ContactKeeper, type ContactLibp2p } from './contact/contact-keeper.ts'
import type { DialGate } from './contact/dial-gate.ts'
import { KeepConnected, type KeepConnectedLibp2p } from './contact/keep-connected.ts'
import { meetPeer } from './contact/meet-peer.ts'
import { type DialerLibp2p, PeerDialer } from './contact/peer-dialer.ts'
import { type PeerMemory, RememberedPeers } from './contact/remembered-peers.ts'
import type { TwinWatch } from './contact/twin-watch.ts'
import { advertisedNames } from './dht/advertised-names.ts'
import { DhtAdvertiser, type ProvidingDht } from './dht/dht-advertiser.ts'
import { DhtFinder } from './dht/dht-finder.ts'
import type { DhtName } from './dht/dht-keys.ts'
import { DhtLookup } from './dht/dht-lookup.ts'
import { DhtPeers, type TableDht } from './dht/dht-peers.ts'
import { ModelSearch, type SearchOptions, type SearchOutcome } from './dht/model-search.ts'
import { ProviderWalks, type WalkedDht, type WalkingLibp2p } from './dht/provider-walks.ts'
import type { DenyList } from './guard/deny-list.ts'
import { Housekeeping } from './housekeeping.ts'
import { ClockSkews } from './load/clock-skews.ts'
import { loadChannel } from './load/load-channel.ts'
import type { LoadGossip, LoadGossipCounters, LoadPubsub } from './load/load-gossip.ts'
import { type CardFacts, OwnCard } from './own-card.ts'
import { PeerCards } from './peers/peer-cards.ts'
import type { PeerChange, PeerTable } from './peers/peer-table.ts'
import type { Reachability } from './peers/peer-watch.ts'
import { PeerWatch, type WatchedLibp2p } from './peers/peer-watch.ts'

/** What is used of libp2p. */
export type DiscoveryLibp2p = WatchedLibp2p &
  DialerLibp2p &
  KeepConnectedLibp2p &
  ContactLibp2p &
  WalkingLibp2p &
  Pick<Libp2p, 'handle' | 'unhandle'>

export interface FederationDiscoveryComponents {
  readonly libp2p: DiscoveryLibp2p
  readonly pubsub: LoadPubsub
  readonly dht: ProvidingDht & TableDht & WalkedDht
  readonly table: PeerTable
  readonly privateKey: PrivateKey
  readonly memory: PeerMemory
  readonly denyList: DenyList
  /** Told where a peer came from that is shut out. */
  readonly charge?: (address: Multiaddr) => void
  readonly dialGate: Pick<DialGate, 'tell'>
  /** Runs as long as discovery does. */
  readonly twins: Pick<TwinWatch, 'start' | 'stop' | 'heard' | 'warnings'>
  readonly clock: Clock
  readonly log: Logger
  /** What the own card says, as it is now; after a change call `changed()`. */
  readonly cardFacts: () => CardFacts
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
  /** Connected peers above which hints are let go. @default 64 */
  readonly targetPeers?: number
  /** Longest search for a model, milliseconds. @default SEARCH_MS */
  readonly searchMs?: number
  /** Numbers from 0 to 1. @default Math.random */
  readonly rng?: () => number
}

export class FederationDiscovery implements Startable {
  readonly #components: FederationDiscoveryComponents
  readonly #ownCard: OwnCard
  readonly #gossip: LoadGossip
  readonly #clocks: ClockSkews
  readonly #advertiser: DhtAdvertiser
  readonly #finder: DhtFinder
  readonly #search: ModelSearch
  readonly #dialer: PeerDialer
  readonly #cards: PeerCards
  readonly #watch: PeerWatch
  readonly #contacts: ContactKeeper
  readonly #remembered: RememberedPeers
  readonly #kept: KeepConnected
  readonly #parts: readonly Startable[]
  #running = false
  #unlisten = (): void => {}

  constructor(components: FederationDiscoveryComponents, init: FederationDiscoveryInit) {
    const { libp2p, dht, table, privateKey, clock, log, denyList, dialGate, twins, memory } = components
    const self = libp2p.peerId.toString()
    const hasPeers = (): boolean => libp2p.getConnections().length > 0
    const { network, rng = Math.random } = init
    const names = (): readonly DhtName[] => advertisedNames(components.cardFacts())
    this.#components = components
    this.#remembered = new RememberedPeers({ memory, clock, log })
    this.#dialer = new PeerDialer({ ...components, isDenied: (peer) => denyList.isDenied(peer) }, { ...init, rng })
    this.#contacts = new ContactKeeper({
      libp2p,
      table,
      remembered: this.#remembered,
      dialer: this.#dialer,
      dialGate,
      log,
    })
    this.#cards = new PeerCards({
      table,
      clock,
      log,
      fetch: (peer, { signal }) => fetchCard(libp2p, peer, { network, signal, clock }),
    })
    this.#ownCard = new OwnCard({ privateKey, clock, facts: components.cardFacts }, { network })
    const cardServer = new CardServer({ libp2p, clock, log, card: () => this.#ownCard.sealed() }, { network })
    this.#watch = new PeerWatch(
      { libp2p, table, cards: this.#cards, clock, onJoin: this.#onJoin },
      { cardProtocol: cardProtocol(network) },
    )
    this.#clocks = new ClockSkews({ log })
    const ownLoad = (): NodeLoad => ({ ...components.ownLoad(), card: this.#ownCard.seq })
    this.#gossip = loadChannel(
      { ...components, ownLoad, clocks: this.#clocks, cards: this.#cards, dialer: this.#dialer },
      { network, rng },
    )
    this.#advertiser = new DhtAdvertiser(
      { dht, clock, log, names, hasPeers },
      { network, self, rng, ...defined({ intervalMs: init.advertiseIntervalMs }) },
    )
    const dhtPeers = new DhtPeers({ libp2p, dht, clock })
    const walks = new ProviderWalks({ dht, libp2p, peers: dhtPeers, clock })
    const lookup = new DhtLookup({ dht: walks, clock, log, onSelf: twins.heard }, { network, self })
    this.#finder = new DhtFinder(
      { lookup, clock, hasPeers, onHint: (hint) => this.#dialer.suggest(hint) },
      { realms: init.realms, rng },
    )
    const known = { libp2p, dialer: this.#dialer, table, cards: this.#cards, clock }
    this.#search = new ModelSearch(
      { lookup, meet: (hint, signal) => meetPeer(known, hint, signal), hasPeers, clock, log },
      init,
    )
    dialGate.tell(init.bootstrap)
    this.#kept = new KeepConnected({ libp2p, clock, log, onSelf: twins.heard }, { addresses: init.bootstrap, rng })
    const housekeeping = new Housekeeping(
      {
        table,
        watch: this.#watch,
        cards: this.#cards,
        remembered: this.#remembered,
        contacts: this.#contacts,
        clock,
      },
      { rng },
    )
    this.#parts = [
      twins,
      dhtPeers,
      this.#remembered,
      this.#dialer,
      cardServer,
      this.#cards,
      this.#watch,
      this.#gossip,
      // Before the bootstrap peers: a peer that was met before is surely of this network.
      { start: async () => this.#contacts.dialRemembered(), stop: async () => {} },
      this.#kept,
      this.#advertiser,
      this.#finder,
      this.#search,
      housekeeping,
    ]
  }

  /** Begins to join; returns before any peer is connected. libp2p must be running. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    const { libp2p, table } = this.#components
    this.#unlisten = table.onChange(this.#onChange)
    libp2p.addEventListener('peer:discovery', this.#onDiscovery)
    libp2p.addEventListener('self:peer:update', this.#onSelfUpdate)
    try {
      await startAll(this.#parts)
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** Ends all of it and saves the remembered peers; call it before libp2p stops. */
  async stop(): Promise<void> {
    if (!this.#running) return
    await this.#contacts.noteConnected()
    this.#release()
    await stopAll(this.#parts)
  }

  /** The own card may have changed (models, realms, share): tells the swarm, which fetches a new one. */
  changed(): void {
    this.#ownCard.changed()
    if (!this.#running) return
    this.#advertiser.changed()
    void this.#gossip.publishNow()
  }

  /**
   * Other aims from now on. Throws `BAD_MULTIADDR` for a bootstrap address that names no peer; then nothing has
   * changed.
   */
  aimAt({ bootstrap, realms, advertiseIntervalMs }: FederationDiscoveryAims): void {
    this.#kept.keep(bootstrap)
    this.#components.dialGate.tell(bootstrap)
    this.#finder.lookFor(realms)
    if (advertiseIntervalMs !== undefined) this.#advertiser.setInterval(advertiseIntervalMs)
  }

  /** The own load may have changed: cheap enough for every query that begins or ends. */
  loadChanged(): void {
    this.#gossip.noteChange()
  }

  /** Tells the swarm at once that this node takes no new queries; `ownLoad()` must already say so. */
  async draining(): Promise<void> {
    await this.#gossip.publishNow()
  }

  /** What a connected peer is to us, proved by its card: the one at hand, else (or `anew`) fetched. Never rejects. */
  relationOf(peer: string, anew = false): Promise<Relation | undefined> {
    return this.#cards.relationOf(peer, anew)
  }

  /**
   * Looks through the DHT for a model that no known node serves, for a query that waits: what is found is connected,
   * and its card is in the table when `until` is asked. Rejects with the reason of the signal only.
   */
  searchModel(model: string, options: SearchOptions): Promise<SearchOutcome> {
    return this.#search.search(model, options)
  }

  /** Whether others can open connections to this node; `no` only after ten minutes without any. */
  reachable(): Reachability {
    return this.#watch.reachable()
  }

  /** What the owner should know, a line each: a second node with this identity, bootstrap peers, clocks that differ. */
  warnings(): readonly string[] {
    return [...this.#components.twins.warnings(), ...this.#kept.warnings(), ...this.#clocks.warnings()]
  }

  /** Counts of load records, for status and metrics. */
  get gossipCounters(): Readonly<LoadGossipCounters> {
    return this.#gossip.counters
  }

  #release(): void {
    this.#running = false
    this.#unlisten()
    this.#components.libp2p.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#components.libp2p.removeEventListener('self:peer:update', this.#onSelfUpdate)
  }

  readonly #onJoin = (): void => {
    this.#advertiser.changed()
    this.#gossip.repeatSoon()
    if (this.#components.table.connectedCount === 1) this.#finder.hurry()
  }

  readonly #onChange = ({ kind, id }: PeerChange): void => {
    if (kind === 'disconnected') this.#clocks.forget(id)
    if (kind === 'card' || kind === 'relation') void this.#contacts.note(id)
  }

  /** Own addresses changed: they are on the card. */
  readonly #onSelfUpdate = (): void => {
    this.#ownCard.changed()
    this.#gossip.repeatSoon()
  }

  readonly #onDiscovery = (event: CustomEvent<PeerInfo>): void => {
    this.#dialer.suggest({ id: event.detail.id.toString(), addresses: event.detail.multiaddrs })
  }
}
