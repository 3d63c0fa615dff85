/** Asks peers now and then whether they can dial this node. */
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { ReachAnswer } from '../../protocols/reach/ask.ts'
import { jittered } from '../contact/back-off.ts'
import type { Dialable, Verdicts } from './verdicts.ts'
import { type Zone, zoneOf } from './zone.ts'

/** After a proof, and after doubts: a port that the owner has just forwarded is found within minutes. */
export const PROBE_MS: Readonly<Record<Dialable, number>> = {
  yes: 30 * 60_000,
  no: 5 * 60_000,
  unknown: 10_000,
}

/** Peers whose last answer is remembered. */
const MAX_ASKED_PEERS = 256

/** What is used of libp2p. */
export interface ProbeLibp2p {
  register(protocol: string, topology: Topology): Promise<string>
  unregister(id: string): void
  getConnections(peer?: PeerId): Connection[]
}

export interface ReachProbeComponents {
  readonly libp2p: ProbeLibp2p
  readonly verdicts: Pick<Verdicts, 'of' | 'noteTried'>
  readonly clock: Clock
  readonly log: Logger
  readonly ask: (connection: Connection, signal: CancelSignal) => Promise<ReachAnswer>
  readonly isTrusted: (peer: string) => boolean
  /** A peer has answered. */
  readonly onAnswer: () => void
}

export interface ReachProbeInit {
  /** Protocol by which a peer is known that can be asked. */
  readonly protocol: string
  /** @default Math.random */
  readonly rng?: () => number
}

export class ReachProbe implements Startable {
  readonly #components: ReachProbeComponents
  readonly #protocol: string
  readonly #rng: () => number
  readonly #askable = new Set<string>()
  /** Monotonic, by peer. */
  readonly #askedAt = new LRUCache<string, number>({ max: MAX_ASKED_PEERS })
  /** Zones in which a question is under way. */
  readonly #asking = new Set<Zone>()
  #registration: string | undefined
  #stopping = linkedAbort()
  #cancelTimer = (): void => {}

  constructor(components: ReachProbeComponents, { protocol, rng = Math.random }: ReachProbeInit) {
    this.#components = components
    this.#protocol = protocol
    this.#rng = rng
  }

  async start(): Promise<void> {
    if (this.#registration !== undefined) return
    this.#stopping = linkedAbort()
    this.#registration = await this.#components.libp2p.register(this.#protocol, {
      onConnect: (peer) => {
        this.#askable.add(peer.toString())
        this.probe()
      },
      onDisconnect: (peer) => {
        this.#askable.delete(peer.toString())
      },
    })
  }

  async stop(): Promise<void> {
    if (this.#registration === undefined) return
    this.#cancelTimer()
    this.#components.libp2p.unregister(this.#registration)
    this.#registration = undefined
    this.#stopping.abort()
    this.#askable.clear()
  }

  /** Asks in every zone where it is due. */
  probe(): void {
    if (this.#registration === undefined) return
    for (const zone of ['public', 'private'] as const) {
      const connection = this.#asking.has(zone) ? undefined : this.#whom(zone)
      if (connection !== undefined) void this.#ask(connection, zone)
    }
    this.#cancelTimer()
    this.#cancelTimer = this.#components.clock.after(jittered(PROBE_MS.unknown, this.#rng), () => this.probe())
  }

  /** Of the peers there whom nobody has asked for the longest time one, when it is due. */
  #whom(zone: Zone): Connection | undefined {
    const { libp2p, clock, verdicts } = this.#components
    const due = clock.monotonic() - PROBE_MS[verdicts.of(zone)]
    const askedAt = ({ remotePeer }: Connection): number =>
      this.#askedAt.peek(remotePeer.toString()) ?? Number.NEGATIVE_INFINITY
    const there = libp2p
      .getConnections()
      .filter(({ direct, remoteAddr, remotePeer }) => {
        return direct && this.#askable.has(remotePeer.toString()) && zoneOf(remoteAddr) === zone
      })
      .sort((a, b) => askedAt(a) - askedAt(b))
    const last = Math.max(Number.NEGATIVE_INFINITY, ...there.map(askedAt))
    // A second opinion where the first was a doubt, and not one from every peer.
    return last > due ? undefined : there[0]
  }

  async #ask(connection: Connection, zone: Zone): Promise<void> {
    const { ask, verdicts, isTrusted, onAnswer, clock, log } = this.#components
    const peer = connection.remotePeer.toString()
    this.#asking.add(zone)
    this.#askedAt.set(peer, clock.monotonic())
    try {
      const { seen, tried, port } = await ask(connection, this.#stopping.signal)
      if (tried && this.#registration !== undefined) {
        verdicts.noteTried({ seen, port, from: connection.remoteAddr, trusted: isTrusted(peer) })
      }
    } catch (error) {
      log.debug({ peer, cause: toRealmeshError(error).message }, 'a peer did not say whether it can dial this node')
    } finally {
      this.#asking.delete(zone)
    }
    onAnswer()
  }
}
