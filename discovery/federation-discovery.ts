/**
 * Finds other nodes and lets them know of this one: composes bootstrap, memory, DHT, gossip, hints and cards around one
 * peer table. What each part decides is in its own file; here is only which part calls which.
 */
import type { PeerInfo } from '@libp2p/interface'
import type { NodeLoad } from '../core/model/load.ts'
import { type Startable, startAll, stopAll } from '../core/run/startable.ts'
import type { Relation } from '../core/scope.ts'
import { cardProtocol } from '../protocols/card/constants.ts'
import { fetchCard } from '../protocols/card/fetch-card.ts'
import { CardServer } from '../protocols/card/server.ts'
import { MAX_LOAD_RECORD_BYTES } from '../protocols/load/load-record.ts'
import { CircleFinder } from './circle/circle-finder.ts'
import { ContactKeeper } from './contact/contact-keeper.ts'
import { meetPeer } from './contact/meet-peer.ts'
import { PeerDialer, type PeerHint } from './contact/peer-dialer.ts'
import { type RememberedPeer, RememberedPeers } from './contact/remembered-peers.ts'
import { ExcessContacts } from './demand/excess-contacts.ts'
import { MoreServers } from './demand/more-servers.ts'
import { advertisedNames } from './dht/advertised-names.ts'
import { type DhtSide, dhtSide } from './dht/dht-side.ts'
import type { SearchOptions, SearchOutcome } from './dht/model-search.ts'
import type {
  FederationDiscoveryAims,
  FederationDiscoveryComponents,
  FederationDiscoveryInit,
} from './federation-discovery-init.ts'
import { Housekeeping } from './housekeeping.ts'
import { loadChannel } from './load/load-channel.ts'
import type { LoadGossip, LoadGossipCounters } from './load/load-gossip.ts'
import { OwnCard } from './own-card.ts'
import { PeerCards } from './peers/peer-cards.ts'
import type { PeerChange } from './peers/peer-table.ts'
import { PeerWatch } from './peers/peer-watch.ts'
import { outOfContact, servers, serves } from './peers/serving-peers.ts'
import { Presence } from './presence/presence.ts'
import { BootstrapDoors } from './ways-in/bootstrap-doors.ts'
import type { WayIn } from './ways-in/first-peer.ts'
import { WaysIn } from './ways-in/ways-in.ts'

export class FederationDiscovery implements Startable {
  readonly #components: FederationDiscoveryComponents
  readonly #ownCard: OwnCard
  readonly #gossip: LoadGossip
  readonly #dht: DhtSide
  readonly #circle: CircleFinder
  readonly #more: MoreServers
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
      { libp2p, table, cards: this.#cards, onJoin: this.#onJoin },
      { cardProtocol: cardProtocol(network) },
    )
    const ownLoad = (): NodeLoad => ({ ...components.ownLoad(), card: this.#ownCard.seq })
    const presence = this.#presence(network)
    const say = (record: Uint8Array): number => presence.say(record)
    this.#gossip = loadChannel(
      { ...components, say, ownLoad, cards: this.#cards, dialer: this.#dialer },
      { network, rng },
    )
    const known = { libp2p, dialer: this.#dialer, table, cards: this.#cards, clock }
    const meet = (hint: PeerHint, signal: AbortSignal): Promise<void> => meetPeer(known, hint, signal)
    this.#dht = dhtSide(
      {
        ...{ dht, libp2p, clock, log, onSelf: twins.heard, isSettled: () => components.reach?.settled !== false },
        background: components.background,
        names: () => advertisedNames(components.cardFacts(), components.circle().federation),
        suggest: (hint) => this.#dialer.suggest(hint, true),
        servers: (realm) => servers(table, realm),
        known: (model) => outOfContact(table, { model }).map((id) => ({ id, addresses: [] })),
        meet,
      },
      { ...init, self: libp2p.peerId.toString(), rng },
    )
    this.#circle = new CircleFinder({ ...components, ...this.#dht, meet }, { rng })
    this.#more = new MoreServers(known)
    this.#doors = new BootstrapDoors(
      { ...components, onSelf: twins.heard, tell: dialGate.tell, name: firstPeer.name },
      { addresses: init.bootstrap, rng },
    )
    this.ways = new WaysIn(
      { table, firstPeer, doors: this.#doors, remembered: this.#remembered, clock, log },
      { mdns: init.mdns ?? false },
    )
    const kept = { watch: this.#watch, cards: this.#cards, remembered: this.#remembered, contacts: this.#contacts }
    const excess = new ExcessContacts({ libp2p, table, serves: (id) => serves(table.get(id)), clock, log })
    const housekeeping = new Housekeeping({ ...kept, excess, table, clock }, { rng })
    this.#parts = [
      twins,
      this.#dht.peers,
      this.#remembered,
      this.#dialer,
      cardServer,
      this.#cards,
      this.#watch,
      presence,
      this.#gossip,
      // Before the bootstrap peers: a peer that was met before is surely of this network.
      { start: async () => this.#contacts.dialRemembered(), stop: async () => {} },
      this.#doors,
      this.ways,
      this.#dht.advertiser,
      this.#dht.finder,
      this.#circle,
      this.#dht.search,
      this.#more,
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

  /** The own card or the friends may have changed: tells the swarm, which fetches a new card. */
  changed(): void {
    this.#ownCard.changed()
    if (!this.#running) return
    this.#dht.advertiser.changed()
    this.#circle.changed()
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
    this.#circle.hurry()
    if (moved) this.changed()
  }

  /** A way in has found a peer: it is dialled while peers are wanted. */
  suggest(way: WayIn, hint: PeerHint): void {
    this.#components.firstPeer.name(way, hint.id, hint.addresses)
    this.#dialer.suggest(hint)
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

  /** Connects to some known nodes that serve the model, or any in its realm, in the background. */
  reachMore(wanted: { readonly model: string; readonly realm: string }): void {
    this.#more.reach(wanted)
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

  #presence(network: string): Presence {
    const { table, libp2p, clock, log } = this.#components
    return new Presence(
      {
        ...{ libp2p, clock, log },
        onRecord: (peer, data) => this.#gossip.hear(peer, data),
        onAlive: (peer) => {
          this.#watch.speaks(peer)
          table.confirm(peer.toString())
        },
        onSilent: (peer) => table.setConnected(peer, false),
        onLink: () => this.#gossip.repeatSoon(),
      },
      { network, maxBytes: MAX_LOAD_RECORD_BYTES },
    )
  }

  readonly #onJoin = (): void => {
    this.#dht.advertiser.changed()
    if (this.#components.table.connectedCount !== 1) return
    this.#dht.finder.hurry()
    this.#circle.hurry()
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
