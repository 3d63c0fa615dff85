/**
 * Holds seats at relays while this node cannot be dialled: at each of them others reach it through that peer. Any peer
 * that this node has dialled itself, and that relays, may be one.
 */
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type BackOffRule, backOffMs } from '../contact/back-off.ts'
import { withoutPeer } from '../contact/known-addresses.ts'
import { zoneOf } from './zone.ts'

/** When one relay dies, the other serves until a third is found. */
export const SEATS = 2

/** A relay that refused is asked again: it was slow to answer, or is full for a while. */
const REFUSED: BackOffRule = { firstMs: 2_000, capMs: 10 * 60_000 }

/** Addresses of one relay that are given to others: of the two families. */
const ADDRESSES_PER_SEAT = 2

/** What is used of libp2p's store of seats. */
export interface SeatStore {
  addRelay(relay: PeerId, type: 'configured'): Promise<GrantedSeat>
  cancelReservations(): void
  addEventListener(kind: 'relay:removed', listener: (event: CustomEvent<{ readonly relay: PeerId }>) => void): void
  removeEventListener(kind: 'relay:removed', listener: (event: CustomEvent<{ readonly relay: PeerId }>) => void): void
}

export interface GrantedSeat {
  readonly details: { readonly reservation: { readonly addrs: readonly Uint8Array[] } }
}

/** What is used of libp2p. */
export interface SeatLibp2p {
  register(protocol: string, topology: Topology): Promise<string>
  unregister(id: string): void
  getConnections(peer: PeerId): Pick<Connection, 'direction' | 'direct' | 'remoteAddr'>[]
}

export interface RelaySeatsComponents {
  readonly libp2p: SeatLibp2p
  readonly store: SeatStore
  readonly clock: Clock
  readonly log: Logger
  /** Whether a seat at a relay that was dialled there is wanted now. */
  readonly wanted: (relayAt: Multiaddr) => boolean
  /** Whose relays come first: own rigs. */
  readonly isOwn: (peer: string) => boolean
  /** The seats are others. */
  readonly onChange: () => void
}

export interface RelaySeatsInit {
  /** Protocol by which a relay is known. */
  readonly protocol: string
  /** @default Math.random */
  readonly rng?: () => number
}

/** A peer at which a seat may be had. */
interface RelayCandidate {
  readonly peer: PeerId
  failures: number
  /** Monotonic. */
  notBefore: number
  asking: boolean
}

export class RelaySeats implements Startable {
  readonly #components: RelaySeatsComponents
  readonly #protocol: string
  readonly #rng: () => number
  readonly #candidates = new Map<string, RelayCandidate>()
  readonly #seats = new Map<string, readonly Multiaddr[]>()
  #registration: string | undefined
  #cancelRetry = (): void => {}

  constructor(components: RelaySeatsComponents, { protocol, rng = Math.random }: RelaySeatsInit) {
    this.#components = components
    this.#protocol = protocol
    this.#rng = rng
  }

  async start(): Promise<void> {
    if (this.#registration !== undefined) return
    const { libp2p, store } = this.#components
    store.addEventListener('relay:removed', this.#onRemoved)
    this.#registration = await libp2p.register(this.#protocol, {
      onConnect: (peer) => {
        this.#candidates.set(peer.toString(), { peer, failures: 0, notBefore: 0, asking: false })
        this.fill()
      },
      onDisconnect: (peer) => {
        this.#candidates.delete(peer.toString())
      },
    })
  }

  async stop(): Promise<void> {
    if (this.#registration === undefined) return
    const { libp2p, store } = this.#components
    this.#cancelRetry()
    libp2p.unregister(this.#registration)
    this.#registration = undefined
    store.removeEventListener('relay:removed', this.#onRemoved)
    this.#candidates.clear()
    this.#seats.clear()
  }

  /** Ids of the relays at which there is a seat. */
  get relays(): readonly string[] {
    return [...this.#seats.keys()]
  }

  /** At which others reach this node through its relays, without its own id. */
  get addresses(): readonly Multiaddr[] {
    return [...this.#seats.values()].flat()
  }

  /** Whether there are as many seats as can be had now. */
  get settled(): boolean {
    if (this.#seats.size >= SEATS) return true
    const candidates = [...this.#candidates.values()]
    return !candidates.some(({ asking }) => asking) && this.#next() === undefined
  }

  /** Takes what seats are wanted; to be called when that may have changed. */
  fill(): void {
    if (this.#registration === undefined) return
    const asking = [...this.#candidates.values()].filter((candidate) => candidate.asking).length
    for (let missing = SEATS - this.#seats.size - asking; missing > 0; missing -= 1) {
      const next = this.#next()
      if (next === undefined) return
      void this.#take(next)
    }
  }

  /** Gives all of them up: others can dial this node. */
  giveUp(): void {
    if (this.#seats.size === 0) return
    this.#seats.clear()
    this.#components.store.cancelReservations()
    this.#components.onChange()
  }

  #next(): RelayCandidate | undefined {
    const { clock, isOwn } = this.#components
    const now = clock.monotonic()
    const free = [...this.#candidates].filter(
      ([id, { asking, notBefore, peer }]) =>
        !asking && notBefore <= now && !this.#seats.has(id) && this.#dialledAt(peer) !== undefined,
    )
    const own = free.filter(([id]) => isOwn(id))
    const among = own.length > 0 ? own : free
    // Any of them: the same one for all would be carrying all.
    return among[Math.floor(this.#rng() * among.length)]?.[1]
  }

  /** Where this node dialled the relay itself; undefined when it did not, or wants no seat there. */
  #dialledAt(peer: PeerId): Multiaddr | undefined {
    const { libp2p, wanted } = this.#components
    return libp2p
      .getConnections(peer)
      .filter(({ direct, direction }) => direct && direction === 'outbound')
      .map(({ remoteAddr }) => remoteAddr)
      .find(wanted)
  }

  async #take(candidate: RelayCandidate): Promise<void> {
    const { store, clock, log, onChange } = this.#components
    const { peer } = candidate
    candidate.asking = true
    try {
      const { details } = await store.addRelay(peer, 'configured')
      const at = this.#dialledAt(peer)
      if (this.#registration === undefined) return
      if (at === undefined)
        store.cancelReservations() // nothing of it is wanted any more
      else this.#seats.set(peer.toString(), seatAddresses(peer, at, details.reservation.addrs))
      candidate.failures = 0
      log.debug({ relay: peer.toString() }, 'a seat at a relay is taken')
      onChange()
    } catch (error) {
      candidate.failures += 1
      const wait = backOffMs(REFUSED, candidate.failures, this.#rng)
      candidate.notBefore = clock.monotonic() + wait
      this.#retryIn(wait)
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      log.debug({ code, relay: peer.toString(), cause: message }, 'no seat at a relay')
    } finally {
      candidate.asking = false
    }
    this.fill()
    if (this.settled) onChange()
  }

  #retryIn(ms: number): void {
    this.#cancelRetry()
    this.#cancelRetry = this.#components.clock.after(ms, () => this.fill())
  }

  readonly #onRemoved = ({ detail }: CustomEvent<{ readonly relay: PeerId }>): void => {
    if (!this.#seats.delete(detail.relay.toString())) return
    this.#components.log.debug({ relay: detail.relay.toString() }, 'a seat at a relay is lost')
    this.#components.onChange()
    this.fill()
  }
}

/** Where the relay was dialled, and one further place of its own in the same zone. Pure. */
export function seatAddresses(relay: PeerId, at: Multiaddr, told: readonly Uint8Array[]): readonly Multiaddr[] {
  const places = [at, ...told.map((bytes) => multiaddr(bytes))].filter((place) => zoneOf(place) === zoneOf(at))
  const unique = [...new Set(places.map((place) => withoutPeer(place.toString())))]
  return unique.slice(0, ADDRESSES_PER_SEAT).map((place) => multiaddr(`${place}/p2p/${relay.toString()}/p2p-circuit`))
}
