/** Asks peers: a query goes out on a lane, its events come back in order, and leaving the loop, or an abort, resets the lane. */
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Clock, systemClock } from '../../core/clock.ts'
import { linkedAbort } from '../../core/linked-abort.ts'
import type { NodeLoad } from '../../core/load.ts'
import { type Logger, silentLogger } from '../../core/logger.ts'
import type { Query } from '../../core/query.ts'
import type { QueryEvent } from '../../core/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { RunQuery } from '../../core/run-query.ts'
import type { Startable } from '../../core/startable.ts'
import { decodeLoadState } from '../load/load-state.ts'
import { encodeBody } from './ask-codec.ts'
import {
  BETWEEN_EVENTS_TIMEOUT_MS,
  DEFAULT_LANES_PER_PEER,
  DIAL_TIMEOUT_MS,
  FIRST_EVENT_TIMEOUT_MS,
  HOUSEKEEPING_INTERVAL_MS,
  IDLE_LANE_MS,
  MAX_GUESSED_RTT_MS,
  MAX_STREAMS_PER_CONNECTION,
  OPEN_TIMEOUT_MS,
  PIECE_BYTES,
  queryProtocol,
  SILENCE_TIMEOUT_MS,
  UPLOAD_STALL_MS,
  WATCH_INTERVAL_MS,
} from './constants.ts'
import { EventDecoder } from './event-decoder.ts'
import { decodeFailure } from './failure-codec.ts'
import { Lane } from './lane.ts'
import { type LaneLimit, LanePool } from './lane-pool.ts'
import type { Answer } from './messages.ts'
import { OpenQuery, type QueryLimits } from './open-query.ts'
import { Ticker } from './ticker.ts'

export interface QueryClientComponents {
  readonly libp2p: Pick<Libp2p, 'dialProtocol' | 'getConnections'>
  /** Told of every load statement that rides on a reply; the connection proves that it is `peer`'s. */
  readonly onLoad: (peer: string, load: NodeLoad) => void
  /** Told of the time from a query's last byte to the first frame of its answer. */
  readonly onRtt?: (peer: string, rttMs: number) => void
  readonly clock?: Clock
  readonly log?: Logger
}

export interface QueryClientInit {
  readonly network: string
  /** To dial and to open a stream. @default 5000 */
  readonly dialTimeoutMs?: number
  /** To open a stream on a connection that there is. @default 1500 */
  readonly openTimeoutMs?: number
  /** Until content or progress; models load slowly. @default 300000 */
  readonly firstEventTimeoutMs?: number
  /** From event to event afterwards. @default 60000 */
  readonly betweenEventsTimeoutMs?: number
  /** Without a byte from the peer, four round trips added. @default 1500 */
  readonly silenceTimeoutMs?: number
  /** Must not exceed what the peers' servers grant us. @default 32 */
  readonly maxLanesPerPeer?: LaneLimit
}

export class QueryClient implements Startable {
  readonly #components: QueryClientComponents
  readonly #clock: Clock
  readonly #log: Logger
  readonly #protocol: string
  readonly #dialTimeoutMs: number
  readonly #openTimeoutMs: number
  readonly #limits: QueryLimits
  readonly #pool: LanePool<Lane>
  readonly #open = new Set<OpenQuery>()
  readonly #watch: Ticker
  readonly #housekeeping: Ticker
  /** Time that this process lost to its own stalls: peers are not blamed for it. */
  #stalledMs = 0
  #stopping = false

  constructor(components: QueryClientComponents, init: QueryClientInit) {
    const clock = components.clock ?? systemClock
    this.#components = components
    this.#clock = clock
    this.#log = components.log ?? silentLogger
    this.#protocol = queryProtocol(init.network)
    this.#dialTimeoutMs = init.dialTimeoutMs ?? DIAL_TIMEOUT_MS
    this.#openTimeoutMs = init.openTimeoutMs ?? OPEN_TIMEOUT_MS
    this.#limits = {
      firstEventTimeoutMs: init.firstEventTimeoutMs ?? FIRST_EVENT_TIMEOUT_MS,
      betweenEventsTimeoutMs: init.betweenEventsTimeoutMs ?? BETWEEN_EVENTS_TIMEOUT_MS,
      silenceTimeoutMs: init.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS,
      uploadStallMs: UPLOAD_STALL_MS,
    }
    this.#pool = new LanePool(
      { open: this.#openLane, clock },
      { maxLanesPerPeer: init.maxLanesPerPeer ?? DEFAULT_LANES_PER_PEER },
    )
    this.#watch = new Ticker({ clock, task: this.#checkLimits }, { everyMs: WATCH_INTERVAL_MS })
    this.#housekeeping = new Ticker({ clock, task: this.#closeIdle }, { everyMs: HOUSEKEEPING_INTERVAL_MS })
  }

  async start(): Promise<void> {
    this.#stopping = false
  }

  /** Cancels what is under way and closes all lanes. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const query of this.#open) query.fail(new RealmeshError('CANCELLED', 'the node stops'))
    this.#pool.close()
    this.#watch.rest()
    this.#housekeeping.rest()
  }

  /** Queries under way, over all peers. */
  get running(): number {
    return this.#open.size
  }

  /** Runs queries on `peer`. Throws `PEER_UNREACHABLE`, `PEER_LOST`, `TIMEOUT`, `PROTOCOL_ERROR`, or what the peer failed with. */
  run(peer: string): RunQuery {
    return (query, { signal }) => this.#answer(peer, query, signal)
  }

  async *#answer(peer: string, query: Query, signal: AbortSignal): AsyncGenerator<QueryEvent, void> {
    const body = encodeBody(query)
    const lane = await this.#acquire(peer, signal)
    const open = new OpenQuery({ lane, now: this.#now }, this.#limits)
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
      await lane.ask(open.number, query, body, this.#now)
      open.sent()
      yield* this.#events(open, body.byteLength <= PIECE_BYTES, settle)
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
    let first = timed
    for (;;) {
      const answer = await open.next()
      if (first) this.#components.onRtt?.(peer, open.measured())
      first = false
      this.#noteLoad(peer, answer)
      for (const wire of answer.events) {
        open.throwIfFailed()
        const event = decoder.decode(wire)
        if (event === undefined) continue
        if (event.kind === 'end') {
          settle()
          yield event
          return
        }
        open.saw(event)
        yield event
      }
      if (answer.failure !== undefined) {
        settle()
        throw decodeFailure(answer.failure)
      }
      if (answer.events.length > 0) open.handedOn()
    }
  }

  /** Ends the care for a query. Without a failure the lane goes back into the pool. */
  #settle(open: OpenQuery, failure: RealmeshError | undefined): void {
    this.#open.delete(open)
    if (this.#open.size === 0) this.#watch.rest()
    if (failure === undefined && !this.#stopping) this.#pool.release(open.lane)
    else this.#pool.drop(open.lane, failure ?? new RealmeshError('CANCELLED', 'the node stops'))
    if (this.#pool.empty) this.#housekeeping.rest()
  }

  #noteLoad(peer: string, answer: Answer): void {
    if (answer.load.byteLength === 0) return
    const { ttlMs: _, ...load } = decodeLoadState(answer.load)
    this.#components.onLoad(peer, load)
  }

  #acquire(peer: string, signal: AbortSignal): Lane | Promise<Lane> {
    if (signal.aborted) throw cancellation(signal)
    if (this.#stopping) throw new RealmeshError('CANCELLED', 'the node stops')
    return this.#pool.acquire(peer, signal)
  }

  readonly #openLane = async (peer: string, signal: AbortSignal): Promise<Lane> => {
    const { libp2p } = this.#components
    const limit = linkedAbort(signal)
    const startedAt = this.#clock.monotonic()
    try {
      const peerId = peerIdFromString(peer)
      const connected = libp2p.getConnections(peerId).length > 0
      limit.expireIn(connected ? this.#openTimeoutMs : this.#dialTimeoutMs, `no lane to peer ${peer}`)
      const stream = await libp2p.dialProtocol(peerId, this.#protocol, {
        signal: limit.signal,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        runOnLimitedConnection: true,
      })
      const rttMs = Math.min(this.#clock.monotonic() - startedAt, MAX_GUESSED_RTT_MS)
      this.#housekeeping.run()
      return new Lane({ stream, now: this.#now }, { peer, rttMs })
    } catch (cause) {
      if (signal.aborted) throw cancellation(signal)
      this.#log.debug({ peer, err: cause }, 'no lane could be opened')
      throw new RealmeshError('PEER_UNREACHABLE', `peer ${peer} could not be reached`, { cause })
    } finally {
      limit.release()
    }
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

function cancellation(signal: AbortSignal): RealmeshError {
  return toRealmeshError(signal.reason, 'CANCELLED')
}

/** Whatever a stream dies of means that the peer is lost, unless we killed it: then our reason is the better one. */
function asPeerError(error: unknown, lane: Lane): RealmeshError {
  if (error instanceof RealmeshError) return error
  if (lane.reader.error instanceof RealmeshError) return lane.reader.error
  return new RealmeshError('PEER_LOST', 'the connection to the peer broke', { cause: error })
}
