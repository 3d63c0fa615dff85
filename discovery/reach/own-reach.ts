/**
 * How others reach this node: whether they can dial it, through which relays they come while they cannot, and which
 * addresses it therefore gives to them. Composes what is known; each part decides in its own file.
 */
import { networkInterfaces } from 'node:os'
import type { Connection, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Startable, startAll, stopAll } from '../../core/run/startable.ts'
import type { ReachAnswer } from '../../protocols/reach/ask.ts'
import { reachProtocol } from '../../protocols/reach/constants.ts'
import { hostOf } from '../addresses/may-dial.ts'
import { isRelayed } from '../addresses/relayed.ts'
import { advertised, containerHosts } from './advertised.ts'
import { type ProbeLibp2p, ReachProbe } from './reach-probe.ts'
import { RelaySeats, type SeatLibp2p, type SeatStore } from './relay-seats.ts'
import { type Dialable, Verdicts } from './verdicts.ts'
import { type Zone, zoneOf } from './zone.ts'

/**
 * How long seats wait for the first peer to say that it can dial this node, which takes two round trips: a node that
 * can be dialled takes none, and one that cannot is reached within a second.
 */
export const GRACE_MS = 500

/** What is used of libp2p. */
export interface OwnReachLibp2p
  extends ProbeLibp2p,
    SeatLibp2p,
    Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  getConnections(): Connection[]
}

/** How this node is reached, for status. */
export interface OwnReachReport {
  /** `yes`: others dial it. `no`: they cannot. */
  readonly dialable: Dialable
  /** From where others would dial it; absent before the first peer. */
  readonly zone?: Zone
  /** Peer ids of the relays through which others reach it. */
  readonly relays: readonly string[]
}

export interface OwnReachComponents {
  readonly libp2p: OwnReachLibp2p
  readonly seats: SeatStore
  /** Asks the peer at the other end whether it can dial one of these ports. */
  readonly ask: (connection: Connection, ports: readonly number[], signal: CancelSignal) => Promise<ReachAnswer>
  readonly isTrusted: (peer: string) => boolean
  readonly isOwn: (peer: string) => boolean
  /** What libp2p would give to others by itself. */
  readonly own: () => readonly Multiaddr[]
  /** Other addresses are given to others now, or others can dial it now. `before` and `now`: the addresses added. */
  readonly onChange: (before: readonly Multiaddr[], now: readonly Multiaddr[]) => void
  readonly clock: Clock
  readonly log: Logger
  /** @default those of this machine */
  readonly interfaces?: typeof networkInterfaces
}

export interface OwnReachInit {
  readonly network: string
  readonly self: string
  /** Protocol of relays. */
  readonly relayProtocol: string
  /** Numbers from 0 to 1. @default Math.random */
  readonly rng?: () => number
}

export class OwnReach implements Startable {
  readonly #components: OwnReachComponents
  readonly #self: string
  readonly #verdicts: Verdicts
  readonly #seats: RelaySeats
  readonly #probe: ReachProbe
  readonly #parts: readonly Startable[]
  /** The widest in which a peer was met since the node is where it is. */
  #zone: Zone | undefined
  #graceOver = false
  #cancelGrace = (): void => {}
  #hosts = ''
  #added: readonly Multiaddr[] = []
  #told: string | undefined
  #running = false

  constructor(components: OwnReachComponents, { network, self, relayProtocol, rng = Math.random }: OwnReachInit) {
    const { libp2p, clock, log, ask, isTrusted, isOwn, seats: store } = components
    this.#components = components
    this.#self = self
    this.#verdicts = new Verdicts({ clock })
    this.#seats = new RelaySeats(
      { libp2p, store, clock, log, isOwn, wanted: this.#wantsSeatAt, onChange: () => this.#tell() },
      { protocol: relayProtocol, rng },
    )
    this.#probe = new ReachProbe(
      {
        libp2p,
        clock,
        log,
        isTrusted,
        verdicts: this.#verdicts,
        ask: (connection, signal) => ask(connection, this.#ports(), signal),
        onAnswer: () => this.#judge(),
      },
      { protocol: reachProtocol(network), rng },
    )
    this.#parts = [this.#seats, this.#probe]
  }

  /** libp2p must be running. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#hosts = this.#ownHosts()
    const { libp2p } = this.#components
    libp2p.addEventListener('connection:open', this.#onOpen)
    libp2p.addEventListener('self:peer:update', this.#onSelfUpdate)
    await startAll(this.#parts)
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancelGrace()
    const { libp2p } = this.#components
    libp2p.removeEventListener('connection:open', this.#onOpen)
    libp2p.removeEventListener('self:peer:update', this.#onSelfUpdate)
    await stopAll(this.#parts)
  }

  /** Whether others can dial this node where its peers are. */
  get dialable(): Dialable {
    if (!this.#listens()) return 'no'
    if (this.#zone === undefined) return this.#onlyMachine() ? 'yes' : 'unknown'
    return this.#zone === 'machine' ? 'yes' : this.#verdicts.of(this.#zone)
  }

  /** Whether the addresses that it has to give are there: those of its relays, where it needs some. */
  get settled(): boolean {
    return this.dialable === 'yes' || (this.#graceOver && this.#seats.settled)
  }

  /** Where peers may be met that are reached as this node is. */
  readonly through = (): readonly Multiaddr[] => this.#seats.addresses

  get report(): OwnReachReport {
    return { dialable: this.dialable, ...defined({ zone: this.#zone }), relays: this.#seats.relays }
  }

  /** The addresses that are given to others, of those that libp2p would give by itself. */
  advertised(own: readonly Multiaddr[]): Multiaddr[] {
    const interfaces = this.#components.interfaces ?? networkInterfaces
    return advertised({
      own,
      containers: containerHosts(interfaces()),
      confirmed: this.#verdicts.confirmed(),
      seats: this.#seats.addresses,
      dialable: (zone) => this.#verdicts.of(zone),
      self: this.#self,
    })
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    const { direct, direction, remoteAddr } = detail
    if (!direct || !isTcp(remoteAddr)) return
    if (direction === 'inbound') this.#verdicts.noteInbound(remoteAddr)
    const zone = zoneOf(remoteAddr)
    if (zone !== undefined && (this.#zone === undefined || WIDTH[zone] > WIDTH[this.#zone])) this.#enter(zone)
    this.#judge()
  }

  /** What was true where fewer were met is not what is needed here. */
  #enter(zone: Zone): void {
    this.#zone = zone
    this.#graceOver = false
    this.#cancelGrace()
    this.#seats.giveUp()
    this.#cancelGrace = this.#components.clock.after(GRACE_MS, () => {
      this.#graceOver = true
      this.#judge()
    })
  }

  /** Acts on what is known now. */
  #judge(): void {
    if (!this.#running) return
    if (this.dialable === 'yes') this.#seats.giveUp()
    else this.#seats.fill()
    this.#tell()
  }

  /** Tells of it when the addresses, or whether they are all there, are others than last time. */
  #tell(): void {
    if (!this.#running) return
    const now = [...this.#seats.addresses, ...this.#verdicts.confirmed()]
    const state = JSON.stringify([this.dialable, this.settled, now.map(String)])
    if (state === this.#told) return
    this.#told = state
    const before = this.#added
    this.#added = now
    this.#components.onChange(before, now)
  }

  readonly #wantsSeatAt = (relayAt: Multiaddr): boolean => {
    if (!this.#listens()) return true
    const zone = zoneOf(relayAt)
    if (zone === 'machine' || zone === undefined || zone !== this.#zone) return false
    const verdict = this.#verdicts.of(zone)
    return verdict === 'no' || (verdict === 'unknown' && this.#graceOver)
  }

  /** This machine has other addresses: it is elsewhere, or its line is another. */
  readonly #onSelfUpdate = (): void => {
    const hosts = this.#ownHosts()
    if (hosts === this.#hosts) return
    this.#hosts = hosts
    this.#verdicts.forget()
    this.#zone = undefined
    for (const { direct, remoteAddr } of this.#components.libp2p.getConnections()) {
      const zone = direct ? zoneOf(remoteAddr) : undefined
      if (zone !== undefined && (this.#zone === undefined || WIDTH[zone] > WIDTH[this.#zone])) this.#enter(zone)
    }
    this.#probe.probe()
    this.#judge()
  }

  #direct(): readonly Multiaddr[] {
    return this.#components.own().filter((address) => !isRelayed(address))
  }

  #ownHosts(): string {
    return JSON.stringify(
      this.#direct()
        .map((address) => hostOf(address))
        .sort(),
    )
  }

  #listens(): boolean {
    return this.#direct().length > 0
  }

  #onlyMachine(): boolean {
    return this.#direct().every((address) => zoneOf(address) === 'machine')
  }

  #ports(): readonly number[] {
    const parts = this.#direct().flatMap((address) => address.getComponents())
    return [...new Set(parts.flatMap(({ name, value }) => (name === 'tcp' ? [Number(value)] : [])))]
  }
}

/** The wider one says how others see this node. */
const WIDTH: Readonly<Record<Zone, number>> = { machine: 0, private: 1, public: 2 }

/** A hole that was punched proves nothing of those who dial. */
function isTcp(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name)
  return names.includes('tcp') && !names.some((name) => name.startsWith('webrtc'))
}
