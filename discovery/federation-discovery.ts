/**
 * Finds other nodes and lets them know of this one: composes bootstrap, memory, DHT, gossip, hints and cards around one
 * peer table. What each part decides is in its own file; here is only which part calls which.
 */
import type { Libp2p, PeerInfo, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
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
import type { KeepConnectedLibp2p } from './contact/keep-connected.ts'
import { meetPeer } from './contact/meet-peer.ts'
import { type DialerLibp2p, PeerDialer } from './contact/peer-dialer.ts'
import { type PeerMemory, type RememberedPeer, RememberedPeers } from './contact/remembered-peers.ts'
import type { TwinWatch } from './contact/twin-watch.ts'
import { advertisedNames } from './dht/advertised-names.ts'
import { type DhtSide, dhtSide, type NetworkDht } from './dht/dht-side.ts'
import type { SearchOptions, SearchOutcome } from './dht/model-search.ts'
import type { WalkingLibp2p } from './dht/provider-walks.ts'
import type { DenyList } from './guard/deny-list.ts'
import { Housekeeping } from './housekeeping.ts'
import type { ClockSkews } from './load/clock-skews.ts'
import { loadChannel } from './load/load-channel.ts'
import type { LoadGossip, LoadGossipCounters, LoadPubsub } from './load/load-gossip.ts'
import { type CardFacts, OwnCard } from './own-card.ts'
import { PeerCards } from './peers/peer-cards.ts'
import type { PeerChange, PeerTable } from './peers/peer-table.ts'
import { PeerWatch, type Reachability, type WatchedLibp2p } from './peers/peer-watch.ts'
import { BootstrapDoors, type BootstrapDoorsComponents } from './ways-in/bootstrap-doors.ts'
import type { FirstPeerWatch } from './ways-in/first-peer.ts'
import { WaysIn } from './ways-in/ways-in.ts'

/** What is used of libp2p. */
export type DiscoveryLibp2p = WatchedLibp2p &
  DialerLibp2p &
  KeepConnectedLibp2p &
  ContactLibp2p &
  WalkingLibp2p &
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
  /** Runs as long as discovery does. */
  readonly twins: Pick<TwinWatch, 'start' | 'stop' | 'heard' | 'warnings'>
  readonly clocks: ClockSkews
  /** Told of each peer that a way in is about to dial. */
  readonly firstPeer: Pick<FirstPeerWatch, 'name' | 'first'>
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
  /** Whether nodes of the local network are found. @default false */
  readonly mdns?: boolean
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
  readonly #dht: DhtSide
  readonly #dialer: PeerDialer
  readonly #cards: PeerCards
  readonly #watch: PeerWatch
  readonly #contacts: ContactKeeper
  readonly #remembered: RememberedPeers
  readonly #doors: BootstrapDoors
  /** What this node begins with, and which of it brought the first peer. */
  readonly ways: WaysIn
  readonly #parts: readonly Startable[]
  #running = false
  #unlisten = (): void => {}

  constructor(components: FederationDiscoveryComponents, init: FederationDiscoveryInit) {
    const { libp2p, dht, table, privateKey, clock, log, denyList, dialGate, twins, memory, firstPeer } = components
    const { network, rng = Math.random } = init
    this.#components = components
    this.#remembered = new RememberedPeers({ memory, clock, log })
    this.#dialer = new PeerDialer({ ...components, isDenied: (peer) => denyList.isDenied(peer) }, { ...init, rng })
    const met = { remembered: this.#remembered, dialer: this.#dialer }
    this.#contacts = new ContactKeeper({ ...components, ...met, name: firstPeer.name })
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
    const ownLoad = (): NodeLoad => ({ ...components.ownLoad(), card: this.#ownCard.seq })
    this.#gossip = loadChannel({ ...components, ownLoad, cards: this.#cards, dialer: this.#dialer }, { network, rng })
    const known = { libp2p, dialer: this.#dialer, table, cards: this.#cards, clock }
    this.#dht = dhtSide(
      {
        ...{ dht, libp2p, clock, log, onSelf: twins.heard },
        names: () => advertisedNames(components.cardFacts()),
        suggest: (hint) => this.#dialer.suggest(hint),
        meet: (hint, signal) => meetPeer(known, hint, signal),
      },
      { ...init, self: libp2p.peerId.toString(), rng },
    )
    this.#doors = new BootstrapDoors(
      { ...components, onSelf: twins.heard, tell: dialGate.tell, name: firstPeer.name },
      { addresses: init.bootstrap, rng },
    )
    this.ways = new WaysIn(
      { table, firstPeer, doors: this.#doors, remembered: this.#remembered, clock, log },
      { mdns: init.mdns ?? false },
    )
    const kept = { watch: this.#watch, cards: this.#cards, remembered: this.#remembered, contacts: this.#contacts }
    const housekeeping = new Housekeeping({ ...kept, table, clock }, { rng })
    this.#parts = [
      twins,
      this.#dht.peers,
      this.#remembered,
      this.#dialer,
      cardServer,
      this.#cards,
      this.#watch,
      this.#gossip,
      // Before the bootstrap peers: a peer that was met before is surely of this network.
      { start: async () => this.#contacts.dialRemembered(), stop: async () => {} },
      this.#doors,
      this.ways,
      this.#dht.advertiser,
      this.#dht.finder,
      this.#dht.search,
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
    this.#dht.advertiser.changed()
    void this.#gossip.publishNow()
  }

  /**
   * Other aims from now on. Throws `BAD_MULTIADDR` for a bootstrap address that names no peer; then nothing has
   * changed.
   */
  aimAt({ bootstrap, realms, advertiseIntervalMs }: FederationDiscoveryAims): void {
    this.#doors.keep(bootstrap)
    this.#dht.finder.lookFor(realms)
    if (advertiseIntervalMs !== undefined) this.#dht.advertiser.setInterval(advertiseIntervalMs)
  }

  /** Peers that were met, the best first. */
  remembered(): readonly RememberedPeer[] {
    return this.#remembered.list()
  }

  /** This node was away, or has `moved` to other addresses: what was put off after failures is done now. */
  hurry(moved: boolean): void {
    this.#doors.hurry()
    this.#dialer.forgive()
    this.#contacts.dialRemembered()
    this.#dht.finder.hurry()
    if (moved) this.changed()
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
    return this.#dht.search.search(model, options)
  }

  /** Whether others can open connections to this node; `no` only after ten minutes without any. */
  reachable(): Reachability {
    return this.#watch.reachable()
  }

  /** What the owner should know, a line each: a second node with this identity, bootstrap peers, clocks that differ. */
  warnings(): readonly string[] {
    return [...this.#components.twins.warnings(), ...this.#doors.warnings(), ...this.#components.clocks.warnings()]
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
    this.#dht.advertiser.changed()
    this.#gossip.repeatSoon()
    if (this.#components.table.connectedCount === 1) this.#dht.finder.hurry()
  }

  readonly #onChange = ({ kind, id }: PeerChange): void => {
    if (kind === 'disconnected') this.#components.clocks.forget(id)
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
