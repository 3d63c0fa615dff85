/**
 * Asks peers: a query goes out on a lane, its events come back in order, and leaving the loop, or an abort, resets the
 * lane.
 */

import { type Logger, silentLogger } from '../../../core/logger.ts'
import type { NodeLoad } from '../../../core/model/load.ts'
import type { Query } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import type { RunOptions, RunQuery } from '../../../core/run/run-query.ts'
import type { Startable } from '../../../core/run/startable.ts'
import { decodeLoadState } from '../../load/load-state.ts'
import {
  BETWEEN_EVENTS_TIMEOUT_MS,
  DEFAULT_LANES_PER_PEER,
  FIRST_EVENT_TIMEOUT_MS,
  HOUSEKEEPING_INTERVAL_MS,
  IDLE_LANE_MS,
  type LaneLimit,
  MAX_LOADS_PER_ANSWER,
  MAX_REPLY_LOAD_BYTES,
  PIECE_BYTES,
  SILENCE_TIMEOUT_MS,
  UPLOAD_STALL_MS,
  WATCH_INTERVAL_MS,
} from '../constants.ts'
import { decodeFailure } from '../frames/answer-codec.ts'
import { encodeBody } from '../frames/ask-codec.ts'
import { EventDecoder } from '../frames/event-decoder.ts'
import type { Answer } from '../frames/messages.ts'
import type { Link, Links } from '../link.ts'
import { Ticker } from '../ticker.ts'
import type { Lane } from './lane.ts'
import { type LaneOpenerInit, laneOpener } from './lane-opener.ts'
import { LanePool } from './lane-pool.ts'
import { OpenQuery, type QueryLimits } from './open-query.ts'

export interface QueryClientComponents {
  /** The ways to peers. */
  readonly links: Pick<Links, 'to' | 'dial' | 'onBetter'>
  /** Told of every load statement that rides on a reply; the connection proves that it is `peer`'s. */
  readonly onLoad: (peer: string, load: NodeLoad) => void
  /** Told of the time from a query's last byte to the first frame of its answer. */
  readonly onRtt?: (peer: string, rttMs: number) => void
  readonly clock?: Clock
  readonly log?: Logger
}

export interface QueryClientInit extends LaneOpenerInit {
  /** Until content or progress; models load slowly. @default 300000 */
  readonly firstEventTimeoutMs?: number
  /** From event to event afterwards. @default 60000 */
  readonly betweenEventsTimeoutMs?: number
  /** Without a byte from the peer, four round trips added. @default 1250 */
  readonly silenceTimeoutMs?: number
  /** Must not exceed what the peers' servers grant us. @default 32 */
  readonly maxLanesPerPeer?: LaneLimit
}

export class QueryClient implements Startable {
  readonly #components: QueryClientComponents
  readonly #clock: Clock
  readonly #limits: QueryLimits
  readonly #pool: LanePool<Lane>
  readonly #open = new Set<OpenQuery>()
  readonly #watch: Ticker
  readonly #housekeeping: Ticker
  /** Time that this process lost to its own stalls: peers are not blamed for it. */
  #stalledMs = 0
  #stopping = false
  #unlisten = (): void => {}

  constructor(components: QueryClientComponents, init: QueryClientInit) {
    const clock = components.clock ?? systemClock
    this.#components = components
    this.#clock = clock
    this.#limits = {
      firstEventTimeoutMs: init.firstEventTimeoutMs ?? FIRST_EVENT_TIMEOUT_MS,
      betweenEventsTimeoutMs: init.betweenEventsTimeoutMs ?? BETWEEN_EVENTS_TIMEOUT_MS,
      silenceTimeoutMs: init.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS,
      uploadStallMs: UPLOAD_STALL_MS,
    }
    const openLane = laneOpener(
      { links: components.links, clock, now: this.#now, log: components.log ?? silentLogger },
      init,
    )
    const open = (peer: string, signal: CancelSignal): Promise<Lane> => {
      this.#housekeeping.run()
      return openLane(peer, signal)
    }
    this.#pool = new LanePool({ open, clock }, { maxLanesPerPeer: init.maxLanesPerPeer ?? DEFAULT_LANES_PER_PEER })
    this.#watch = new Ticker({ clock, task: this.#checkLimits }, { everyMs: WATCH_INTERVAL_MS })
    this.#housekeeping = new Ticker({ clock, task: this.#closeIdle }, { everyMs: HOUSEKEEPING_INTERVAL_MS })
  }

  async start(): Promise<void> {
    this.#stopping = false
    this.#unlisten()
    this.#unlisten = this.#components.links.onBetter((link) => this.#pool.moveTo(link))
  }

  /** Cancels what is under way and closes all lanes. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#unlisten()
    for (const query of this.#open) query.fail(new RealmeshError('CANCELLED', 'the node stops'))
    this.#pool.close()
    this.#watch.rest()
    this.#housekeeping.rest()
  }

  /** Queries under way, over all peers. */
  get running(): number {
    return this.#open.size
  }

  /** Peers with a query of ours under way. */
  get asked(): ReadonlySet<string> {
    return new Set([...this.#open].map(({ lane }) => lane.peer))
  }

  /**
   * Runs queries on `peer`. Throws `PEER_UNREACHABLE`, `PEER_LOST`, `TIMEOUT`, `PROTOCOL_ERROR`, or what the peer
   * failed with.
   */
  run(peer: string): RunQuery {
    return (query, options) => this.#answer(peer, query, options)
  }

  async *#answer(peer: string, query: Query, { signal, onPath }: RunOptions): AsyncGenerator<QueryEvent, void> {
    const body = encodeBody(query)
    this.#checkWanted(signal)
    const lane = await this.#pool.acquire(peer, signal)
    this.#checkWanted(signal, lane)
    onPath?.(lane.link.path, lane.link.rttMs ?? lane.rttMs)
    const open = new OpenQuery({ lane, now: this.#now, clock: this.#clock }, { query, limits: this.#limits })
    const cancel = (): void => {
      open.fail(cancellation(signal))
    }
    this.#open.add(open)
    this.#watch.run()
    signal.addEventListener('abort', cancel, { once: true })
    let settled = false
    const settle = (failure?: RealmeshError): void => {
      if (settled) return
      settled = true
      signal.removeEventListener('abort', cancel)
      this.#settle(open, failure)
    }
    try {
      const whole = await lane.ask(open.number, query, body, this.#now)
      open.sent()
      if (whole) yield* this.#events(open, body.byteLength <= PIECE_BYTES, settle)
      else throw refusalOf(await open.next())
    } catch (error) {
      const failure = asPeerError(error, lane)
      settle(failure)
      throw failure
    } finally {
      // Still open here means that the caller has left the loop.
      if (!settled) settle(new RealmeshError('CANCELLED', 'the asker left'))
    }
  }

  /** The events of the frames. Calls `settle` before the last thing is handed on, so that the lane is free at once. */
  async *#events(open: OpenQuery, timed: boolean, settle: () => void): AsyncGenerator<QueryEvent, void> {
    const decoder = new EventDecoder()
    const { peer } = open.lane
    let first = true
    let loads = 0
    for (;;) {
      const answer = await open.next()
      if (first && timed) this.#components.onRtt?.(peer, open.measured())
      if (answer.load.byteLength > 0 && ++loads <= MAX_LOADS_PER_ANSWER) this.#noteLoad(peer, answer)
      first = false
      let passed = false
      for (const wire of answer.events) {
        open.throwIfFailed()
        const event = decoder.decode(wire)
        if (event === undefined) continue
        if (event.kind === 'end') {
          settle()
          yield event
          return
        }
        passed = true
        open.saw(event)
        // Which node serves is what the connection proves, not what the peer calls itself.
        yield event.kind === 'start' ? { ...event, node: peer } : event
      }
      if (answer.failure !== undefined) {
        settle()
        throw decodeFailure(answer.failure)
      }
      if (passed) open.handedOn()
    }
  }

  /** Ends the care for a query. Without a failure the lane goes back into the pool. */
  #settle(open: OpenQuery, failure: RealmeshError | undefined): void {
    this.#open.delete(open)
    if (this.#open.size === 0) this.#watch.rest()
    if (failure?.code === 'PEER_LOST') this.#doubt(open.lane.link)
    if (failure === undefined && !this.#stopping) this.#pool.release(open.lane)
    else this.#pool.drop(open.lane, failure ?? new RealmeshError('CANCELLED', 'the node stops'))
    if (this.#pool.empty) this.#housekeeping.rest()
  }

  #doubt(link: Link): void {
    link.doubt()
    this.#pool.leave(link)
  }

  #noteLoad(peer: string, answer: Answer): void {
    if (answer.load.byteLength > MAX_REPLY_LOAD_BYTES) {
      throw new RealmeshError('PROTOCOL_ERROR', `the peer sent a load of more than ${MAX_REPLY_LOAD_BYTES} bytes`)
    }
    this.#components.onLoad(peer, decodeLoadState(answer.load))
  }

  /** Throws when the query is not wanted any more; an unused lane goes back. */
  #checkWanted(signal: CancelSignal, lane?: Lane): void {
    if (!signal.aborted && !this.#stopping) return
    const reason = signal.aborted ? cancellation(signal) : new RealmeshError('CANCELLED', 'the node stops')
    if (lane !== undefined && this.#stopping) this.#pool.drop(lane, reason)
    else if (lane !== undefined) this.#pool.release(lane)
    throw reason
  }

  readonly #now = (): number => this.#clock.monotonic() - this.#stalledMs

  readonly #checkLimits = (lateMs: number): void => {
    this.#stalledMs += lateMs
    for (const query of this.#open) query.check()
  }

  readonly #closeIdle = (): void => {
    this.#pool.closeIdle(IDLE_LANE_MS)
    if (this.#pool.empty) this.#housekeeping.rest()
  }
}

/** What a server says before it has the whole query. */
function refusalOf({ failure }: Answer): RealmeshError {
  if (failure !== undefined) return decodeFailure(failure)
  return new RealmeshError('PROTOCOL_ERROR', 'the peer answered a query that it did not have')
}

function cancellation(signal: CancelSignal): RealmeshError {
  return toRealmeshError(signal.reason, 'CANCELLED')
}

/** Whatever a stream dies of means that the peer is lost, unless we killed it: then our reason is the better one. */
function asPeerError(error: unknown, lane: Lane): RealmeshError {
  if (error instanceof RealmeshError) return error
  if (lane.reader.error instanceof RealmeshError) return lane.reader.error
  return new RealmeshError('PEER_LOST', 'the connection to the peer broke', { cause: error })
}
