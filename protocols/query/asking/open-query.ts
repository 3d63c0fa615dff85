/**
 * One query in flight on a lane, as the asker sees it: pulls its answer's frames, and knows two limits that must not be
 * confused. Silence (no byte at all) means that the peer is gone; no event, while the peer lives, means that its engine
 * is stuck or slow.
 */
import { ewma } from '../../../core/ewma.ts'
import type { Query, QueryType } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { isContent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { MAX_RTT_MS, SILENCE_RTT_FACTOR } from '../constants.ts'
import { decodeAnswer, LANE_REFUSED } from '../frames/answer-codec.ts'
import type { Answer } from '../frames/messages.ts'
import { AnswerMeter } from './answer-meter.ts'
import type { Lane } from './lane.ts'

export interface QueryLimits {
  /** Until the first content or progress. `queued` and `start` begin it anew. */
  readonly firstEventTimeoutMs: number
  /** From one event to the next, once content or progress came. */
  readonly betweenEventsTimeoutMs: number
  /** Without any byte; four round trips are added. */
  readonly silenceTimeoutMs: number
  /** Without room in the stream, while the query is being sent. */
  readonly uploadStallMs: number
}

export interface OpenQueryComponents {
  readonly lane: Lane
  /** Monotonic milliseconds in which this process could hear: its own stalls are taken out. */
  readonly now: () => number
  readonly clock: Pick<Clock, 'after'>
}

export interface OpenQueryInit {
  readonly query: Query
  readonly limits: QueryLimits
}

/** What the asker waits for. Nothing, while its own consumer takes its time: no limit runs then. */
type Phase = 'sending' | 'waiting' | 'consuming'

const SAID: ReadonlySet<QueryEvent['kind']> = new Set(['text', 'reasoning', 'toolCall'])

/** What the answer to a query may hold. */
const ANSWERS: Readonly<Record<QueryType, ReadonlySet<QueryEvent['kind']>>> = {
  chat: SAID,
  vision: SAID,
  imagine: new Set(['image']),
  embed: new Set(['embedding']),
  rerank: new Set(['ranked']),
  tokens: new Set(['tokens', 'text']),
  transcribe: new Set(['text', 'segment']),
  speak: new Set(['audio']),
}

/** A smoothed round trip follows a change within a few queries. */
const RTT_WEIGHT = 0.3

export class OpenQuery {
  readonly lane: Lane
  readonly number: number
  readonly #now: () => number
  readonly #limits: QueryLimits
  readonly #clock: Pick<Clock, 'after'>
  readonly #meter: AnswerMeter
  readonly #type: QueryType
  #frames = 0
  #phase: Phase = 'sending'
  #waitingSince: number
  #eventAt: number
  #begun = false
  #failure: RealmeshError | undefined

  constructor(components: OpenQueryComponents, init: OpenQueryInit) {
    this.lane = components.lane
    this.number = components.lane.nextNumber()
    this.#now = components.now
    this.#clock = components.clock
    this.#limits = init.limits
    this.#type = init.query.type
    this.#meter = new AnswerMeter(components, init)
    this.#waitingSince = this.#eventAt = components.now()
  }

  /** The query is sent whole: what comes now is the answer. */
  sent(): void {
    this.#phase = 'consuming'
    this.#eventAt = this.#now()
  }

  /** The next frame. Throws what ended the answer before its end. */
  async next(): Promise<Answer> {
    const frame = await this.#frame()
    this.#meter.frame(frame)
    const answer = decodeAnswer(frame)
    this.#meter.events(answer.events.length)
    if (answer.number === this.number || (answer.number === LANE_REFUSED && answer.failure !== undefined)) return answer
    throw new RealmeshError('PROTOCOL_ERROR', 'the peer mixed up two queries of a lane')
  }

  async #frame(): Promise<Uint8Array> {
    const { reader } = this.lane
    const rested = this.#rest()
    if (rested !== undefined) await rested
    let frame = reader.take()
    while (frame === undefined) {
      if (reader.ended) throw new RealmeshError('PEER_LOST', 'the peer closed the lane before the answer ended')
      this.#waitingSince = this.#now()
      this.#phase = 'waiting'
      await reader.wait()
      this.#phase = 'consuming'
      frame = reader.take()
    }
    this.#frames += 1
    return frame
  }

  /** A frame is a turn of the event loop: a peer that sends without end leaves the others theirs. */
  #rest(): Promise<void> | undefined {
    const { restMs } = this.#meter
    if (restMs > 0) return new Promise((resolve) => this.#clock.after(restMs, resolve))
    if (this.#frames === 0 || !this.lane.reader.hasFrame) return undefined
    return new Promise((resolve) => setImmediate(resolve))
  }

  /** Folds the time to the first frame into the lane's round trip, and returns it. */
  measured(): number {
    const rttMs = Math.min(this.#now() - this.lane.sentAt, MAX_RTT_MS)
    this.lane.rttMs = ewma(this.lane.rttMs, rttMs, RTT_WEIGHT)
    return rttMs
  }

  /** Notes an event that is about to be handed on. Throws `PROTOCOL_ERROR` for one that answers no such query. */
  saw(event: QueryEvent): void {
    if (isContent(event) && !ANSWERS[this.#type].has(event.kind)) {
      throw new RealmeshError('PROTOCOL_ERROR', `the peer answered a query for ${this.#type} with ${event.kind}`)
    }
    if (isContent(event) || event.kind === 'progress') this.#begun = true
  }

  /** The consumer has taken all events of a frame: the limit for the next one starts now, not when they came. */
  handedOn(): void {
    this.#eventAt = this.#now()
  }

  /** Ends the query: the lane is reset, whatever still comes on it is dropped. */
  fail(error: RealmeshError): void {
    this.#failure ??= error
    this.lane.reset(error)
  }

  /** Throws what the query was failed with: events that came before it, but were not handed on, are dropped. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Fails the query if one of its limits has passed. */
  check(): void {
    const overdue = this.#phase === 'consuming' ? undefined : this.#overdue(this.#now())
    if (overdue !== undefined) this.fail(overdue)
  }

  #overdue(now: number): RealmeshError | undefined {
    const { firstEventTimeoutMs, betweenEventsTimeoutMs, silenceTimeoutMs, uploadStallMs } = this.#limits
    if (this.#phase === 'sending') {
      if (now - this.lane.sentAt < uploadStallMs) return undefined
      return new RealmeshError('PEER_LOST', `the peer took nothing of the query for ${uploadStallMs} ms`)
    }
    const silence = silenceTimeoutMs + SILENCE_RTT_FACTOR * this.lane.rttMs
    if (now - Math.max(this.lane.heardAt, this.#waitingSince) >= silence) {
      return new RealmeshError('PEER_LOST', `the peer was silent for ${Math.round(silence)} ms`)
    }
    const limit = this.#begun ? betweenEventsTimeoutMs : firstEventTimeoutMs
    if (now - this.#eventAt < limit) return undefined
    return new RealmeshError(
      'TIMEOUT',
      `the peer's engine gave ${this.#begun ? 'nothing more' : 'nothing'} within ${limit} ms`,
    )
  }
}
