/**
 * Answers peers: each inbound stream is a lane on which queries come one after another. What decides on them and runs
 * them is given; this knows no realms.
 */
import { type Logger, silentLogger } from '../../../core/logger.ts'
import type { NodeLoad } from '../../../core/model/load.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import type { Startable } from '../../../core/run/startable.ts'
import { HELD_UP_LIMIT_MS } from '../../../core/run/within-limit.ts'
import { encodeLoadState } from '../../load/load-state.ts'
import {
  DEFAULT_LANES_PER_PEER,
  HEARTBEAT_MS,
  HOUSEKEEPING_INTERVAL_MS,
  IDLE_INBOUND_LANE_MS,
  type LaneLimit,
  lanesOf,
  MAX_FOREIGN_RECEIVING_BYTES,
  MAX_LANES_PER_CONNECTION,
  MAX_RECEIVING_BYTES,
  MAX_REPLY_LOAD_BYTES,
  queryProtocol,
  WATCH_INTERVAL_MS,
} from '../constants.ts'
import { encodeAnswer, encodeFailure, LANE_REFUSED } from '../frames/answer-codec.ts'
import type { LaneStream, Links } from '../link.ts'
import { Ticker } from '../ticker.ts'
import type { AdmitQuery } from './admitted.ts'
import { ByteBudget } from './byte-budget.ts'
import { InboundLane } from './inbound-lane.ts'
import { oncePerTurn } from './once-per-turn.ts'

export interface QueryServerComponents {
  /** Where lanes come from. */
  readonly links: Pick<Links, 'accept' | 'refuse'>
  /** Decides which queries are served, each by its first frame. */
  readonly admit: AdmitQuery
  /** Asked at the start and at the end of every answer. */
  readonly load: () => NodeLoad
  /** Told when a peer broke the protocol: its lane is reset already, or a query that none should send is refused. */
  readonly onMalformed?: (peer: string, reason: string) => void
  readonly clock?: Clock
  readonly log?: Logger
}

export interface QueryServerInit {
  readonly network: string
  /** Lanes, and so queries in flight, of one peer; more are refused with `REALM_OVERLOADED`. @default 32 */
  readonly maxLanesPerPeer?: LaneLimit
  /**
   * Bytes of bodies that nodes of the own federation send at once, half of them for one at most; more are refused with
   * `REALM_OVERLOADED`. @default 128 MiB
   */
  readonly maxReceivingBytes?: number
  /** The same of all other peers. @default 64 MiB */
  readonly maxForeignReceivingBytes?: number
  /** Quiet time after which a sign of life is sent. @default 300 */
  readonly heartbeatMs?: number
}

export interface QueryServerStats {
  readonly lanes: number
  /** Lanes that were opened, ever. */
  readonly opened: number
  /** Lanes that were refused because their peer had too many. */
  readonly refused: number
  /** Breaches of the protocol: lanes that were reset for one, and queries that no honest node sends. */
  readonly malformed: number
}

export class QueryServer implements Startable {
  readonly #components: QueryServerComponents
  readonly #clock: Clock
  readonly #log: Logger
  readonly #protocol: string
  readonly #limit: LaneLimit
  readonly #heartbeatMs: number
  readonly #lanes = new Set<InboundLane>()
  readonly #lanesByPeer = new Map<string, number>()
  readonly #receiving: { readonly own: ByteBudget; readonly others: ByteBudget }
  readonly #heartbeats: Ticker
  readonly #housekeeping: Ticker
  /** Time that this process lost to its own stalls: no asker is blamed for it. */
  #stalledMs = 0
  #opened = 0
  #refused = 0
  #malformed = 0
  #handling = false

  constructor(components: QueryServerComponents, init: QueryServerInit) {
    const clock = components.clock ?? systemClock
    this.#components = components
    this.#clock = clock
    this.#log = components.log ?? silentLogger
    this.#protocol = queryProtocol(init.network)
    this.#limit = init.maxLanesPerPeer ?? DEFAULT_LANES_PER_PEER
    this.#receiving = {
      own: new ByteBudget({ bytes: init.maxReceivingBytes ?? MAX_RECEIVING_BYTES }),
      others: new ByteBudget({ bytes: init.maxForeignReceivingBytes ?? MAX_FOREIGN_RECEIVING_BYTES }),
    }
    this.#heartbeatMs = init.heartbeatMs ?? HEARTBEAT_MS
    this.#heartbeats = new Ticker({ clock, task: this.#keepAlive }, { everyMs: WATCH_INTERVAL_MS })
    this.#housekeeping = new Ticker({ clock, task: this.#expire }, { everyMs: HOUSEKEEPING_INTERVAL_MS })
  }

  async start(): Promise<void> {
    if (this.#handling) return
    await this.#components.links.accept(this.#protocol, { maxLanes: MAX_LANES_PER_CONNECTION, onLane: this.#onLane })
    this.#handling = true
  }

  /**
   * Takes no more lanes and resets those there are. To drain first is the node's part: its `run` refuses with
   * `DRAINING`.
   */
  async stop(): Promise<void> {
    if (!this.#handling) return
    this.#handling = false
    await this.#components.links.refuse(this.#protocol)
    for (const lane of this.#lanes) lane.reset(new RealmeshError('CANCELLED', 'the node stops'))
    this.#heartbeats.rest()
    this.#housekeeping.rest()
  }

  /** Peers with a query under way here. */
  get askers(): ReadonlySet<string> {
    return new Set([...this.#lanes].flatMap((lane) => (lane.isBusy ? lane.peer : [])))
  }

  stats(): QueryServerStats {
    return { lanes: this.#lanes.size, opened: this.#opened, refused: this.#refused, malformed: this.#malformed }
  }

  readonly #onLane = (stream: LaneStream, peer: string): void => {
    const count = this.#lanesByPeer.get(peer) ?? 0
    if (count >= lanesOf(this.#limit, peer)) {
      this.#refuse(stream)
      return
    }
    this.#lanesByPeer.set(peer, count + 1)
    this.#opened += 1
    const { admit } = this.#components
    const onBadQuery = ({ message }: RealmeshError): void => this.#slip(peer, message)
    const lane = new InboundLane(
      { stream, admit, load: this.#encodedLoad, receiving: this.#receiving, onBadQuery, now: this.#now },
      { peer },
    )
    this.#lanes.add(lane)
    this.#heartbeats.run()
    this.#housekeeping.run()
    lane
      .serve()
      .catch((error: unknown) => {
        this.#note(peer, error)
      })
      .finally(() => {
        this.#forget(lane, peer)
      })
  }

  /** An answer instead of a reset: an honest peer with other settings learns why. */
  #refuse(stream: LaneStream): void {
    this.#refused += 1
    const failure = encodeFailure(new RealmeshError('REALM_OVERLOADED', 'too many lanes from this peer'))
    try {
      stream.send(encodeAnswer({ number: LANE_REFUSED, events: [], load: this.#encodedLoad(), failure }))
      stream.close().catch((error: Error) => {
        stream.abort(error)
      })
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  #note(peer: string, error: unknown): void {
    if (error instanceof RealmeshError && error.code === 'PROTOCOL_ERROR') this.#slip(peer, error.message)
    else this.#log.debug({ peer, err: error }, 'a lane ended')
  }

  #slip(peer: string, reason: string): void {
    this.#malformed += 1
    this.#log.debug({ peer, reason }, 'a peer broke the query protocol')
    this.#components.onMalformed?.(peer, reason)
  }

  #forget(lane: InboundLane, peer: string): void {
    this.#lanes.delete(lane)
    const left = (this.#lanesByPeer.get(peer) ?? 1) - 1
    if (left > 0) this.#lanesByPeer.set(peer, left)
    else this.#lanesByPeer.delete(peer)
    if (this.#lanes.size > 0) return
    this.#heartbeats.rest()
    this.#housekeeping.rest()
  }

  readonly #now = (): number => this.#clock.monotonic() - this.#stalledMs

  /** It costs as much as the models of the node, and rides on two frames of each answer. */
  readonly #encodedLoad = oncePerTurn(
    () => encodeLoadState(this.#components.load(), MAX_REPLY_LOAD_BYTES) as Uint8Array<ArrayBuffer>,
  )

  readonly #keepAlive = (lateMs: number): void => {
    this.#stalledMs += lateMs
    for (const lane of this.#lanes) lane.keepAlive(this.#heartbeatMs)
  }

  readonly #expire = (lateMs: number): void => {
    if (lateMs >= HELD_UP_LIMIT_MS) return // what has come meanwhile is read before anybody is judged
    for (const lane of this.#lanes) lane.expire(IDLE_INBOUND_LANE_MS)
  }
}
