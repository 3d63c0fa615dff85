/**
 * The only place that chooses between here and elsewhere. Asks the ranking for the best place, tries it, and before the first content
 * of the answer a failure or a refusal goes on to the next place, unseen by the client. What breaks after the first content is thrown:
 * continue-answer.ts, around this, takes it from there.
 */

import type { Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { tappedRun } from '../../core/run/tapped-run.ts'
import type { HedgeBudget } from '../../routing/choice/hedge-budget.ts'
import { LOCAL } from '../../routing/choice/rank-peers.ts'
import type { SendOutcome } from '../../routing/learning/evidence.ts'
import { type Contender, hedgedRace } from './hedged-race.ts'
import type { Place, Places } from './places.ts'
import type { RouteOptions } from './route-query.ts'
import type { Seat, WaitingRoom } from './waiting-room.ts'

/** Places that are asked before a query waits or is refused. */
export const MAX_TRIES = 3

export interface FederationRouterComponents {
  readonly places: Pick<Places, 'best' | 'whyNone' | 'noteSent' | 'noteFirstEvent' | 'noteOutcome' | 'noteAffinity'>
  /** Runs a query on this node's own workers. */
  readonly local: (query: Query, options: RouteOptions) => AsyncIterable<QueryEvent>
  /** Runs a query at a peer. */
  readonly remote: (peer: string) => RunQuery
  readonly waitingRoom: WaitingRoom
  readonly hedges: HedgeBudget
  readonly clock: Clock
  /** What other nodes see instead of the user's key. */
  readonly pseudonym: (user: string) => string
}

export interface FederationRouterInit {
  /** This node's peer id, for the journal. */
  readonly node: string
  /** Longest wait for a place when all are full. Default 30,000 ms: a person still waits, a program has not timed out. */
  readonly maxWaitMs?: number
}

/** Counted under the seed's names. */
export interface RouterCounters {
  cross_realm_queries: number
  cross_federation_queries: number
  failed_routes: number
}

const SERVED: SendOutcome = { ok: true }
/** Unless something else is seen: the reader left. */
const LEFT: SendOutcome = { ok: false, code: 'CANCELLED' }

/** A failed try: what happened, and whether the client has seen any of it. */
interface Failure {
  readonly error: RealmeshError
  readonly begun: boolean
}

export class FederationRouter {
  readonly counters: RouterCounters = { cross_realm_queries: 0, cross_federation_queries: 0, failed_routes: 0 }
  readonly #components: FederationRouterComponents
  readonly #node: string
  readonly #maxWaitMs: number

  constructor(components: FederationRouterComponents, init: FederationRouterInit) {
    this.#components = components
    this.#node = init.node
    this.#maxWaitMs = init.maxWaitMs ?? 30_000
  }

  /** Routes one query. A RouteQuery. */
  async *route(query: Query, options: RouteOptions): AsyncGenerator<QueryEvent> {
    const { clock, waitingRoom } = this.#components
    const giveUpAt = clock.monotonic() + this.#maxWaitMs
    let seat: Seat | undefined
    let round = new Round(options.avoidNodes)
    const onBegun = (): void => seat?.leave(true) // who is served waits no more: the next may ask
    try {
      for (;;) {
        const place = round.tries < MAX_TRIES ? this.#components.places.best(query, options, round.refused) : undefined
        if (place !== undefined) {
          const failure = yield* this.#tryHedged(place, query, options, { round, onBegun })
          if (failure === undefined) return
          const { error, begun } = failure
          if (begun || options.signal.aborted || isFinal(error)) throw this.#failed(error)
          continue
        }
        const failure = round.verdict ?? this.#components.places.whyNone(query)
        if (failure.code !== 'REALM_OVERLOADED' || clock.monotonic() >= giveUpAt) throw this.#failed(failure)
        seat ??= waitingRoom.enter(failure)
        const pausedAt = clock.monotonic()
        await this.#turn(seat, failure, options, giveUpAt - pausedAt)
        options.journal.waited(clock.monotonic() - pausedAt)
        round = new Round(options.avoidNodes)
      }
    } finally {
      seat?.leave(false) // changes nothing for who has begun
    }
  }

  /** Waits for a turn to ask again, for `ms` at the most: then the refusal stands. */
  async #turn(seat: Seat, failure: RealmeshError, { signal }: RouteOptions, ms: number): Promise<void> {
    const patience = linkedAbort(signal)
    const stop = this.#components.clock.after(ms, () => patience.abort(failure))
    try {
      await seat.turn(failure, patience.signal)
    } catch (thrown) {
      throw thrown === failure ? this.#failed(failure) : thrown
    } finally {
      stop()
      patience.release()
    }
  }

  /** A try that brings in a second place when the first is unusually slow to begin. */
  #tryHedged(
    place: Place,
    query: Query,
    options: RouteOptions,
    course: Course,
  ): AsyncGenerator<QueryEvent, Failure | undefined> {
    const { hedges, places, clock } = this.#components
    if (place.node === LOCAL) return this.#try(place, query, options, course)
    if (options.journal.leaves()) hedges.noteQuery()
    const afterMs = hedges.hedgeAfterMs(place.model, query.type)
    if (afterMs === undefined) return this.#try(place, query, options, course)
    const contender = (at: Place): Contender<Failure> => {
      const life = linkedAbort(options.signal)
      return { life, events: this.#try(at, query, { ...options, signal: life.signal }, course) }
    }
    const second = (): Contender<Failure> | undefined => {
      const other = places.best(query, options, new Set([...course.round.refused, place.node]))
      if (other === undefined || !hedges.take()) return undefined
      options.journal.noteHedged()
      return contender(other)
    }
    return hedgedRace(contender(place), second, afterMs, clock)
  }

  /** One place. Its failure is booked on it, whatever becomes of the query meanwhile. */
  #try(
    place: Place,
    query: Query,
    options: RouteOptions,
    { round, onBegun }: Course,
  ): AsyncGenerator<QueryEvent, Failure | undefined> {
    const { places } = this.#components
    const sent = place.node === LOCAL ? undefined : places.noteSent(place)
    const journal = options.journal.attempt(place.node === LOCAL ? this.#node : place.node)
    let outcome: SendOutcome = LEFT
    let begun = false
    const failed = (thrown: unknown): Failure | undefined => {
      if (outcome.ok) return undefined // the answer was whole; what breaks behind its end is nobody's loss
      const error = toRealmeshError(thrown, 'PEER_LOST')
      if (!options.signal.aborted) {
        outcome = failureOf(error)
        if (!begun) round.failed(place.node, error)
      }
      journal.ended(options.signal.aborted ? 'cancelled' : error.code)
      this.#avoidAfter(place, begun, options, journal.worker)
      return { error, begun }
    }
    return tappedRun(() => this.#runAt(place, query, options), {
      onEvent: (event) => {
        journal.saw(event)
        if (!begun && isContent(event)) {
          begun = true
          onBegun()
          if (sent !== undefined) places.noteFirstEvent(sent)
        }
        if (event.kind === 'end') {
          outcome = SERVED
          if (!begun) onBegun()
          journal.ended('served')
          this.#noteServed(place, query, journal.firstEventMs)
        }
        return event
      },
      onDone: () =>
        outcome.ok ? undefined : failed(new RealmeshError('PROTOCOL_ERROR', 'the answer stopped without an end')),
      onError: failed,
      onClosed: () => {
        journal.ended('cancelled') // counts only when the reader left before the end
        if (sent !== undefined) places.noteOutcome(sent, outcome)
      },
    })
  }

  #runAt(place: Place, query: Query, options: RouteOptions): AsyncIterable<QueryEvent> {
    const { local, remote, pseudonym } = this.#components
    const { realm } = place
    if (place.node === LOCAL) return local({ ...query, realm, model: place.model }, options)
    const { origin: _, ...own } = query
    return remote(place.node)(
      { ...own, realm, model: place.model, hopsLeft: query.hopsLeft - 1, user: pseudonym(query.user) },
      options,
    )
  }

  #noteServed(place: Place, query: Query, firstEventMs: number | undefined): void {
    if (place.realm !== query.realm) this.counters.cross_realm_queries += 1
    if (place.node === LOCAL) return
    if (place.foreign) this.counters.cross_federation_queries += 1
    const { hedges, places } = this.#components
    if (firstEventMs !== undefined) hedges.noteFirstEvent(place.model, firstEventMs)
    places.noteAffinity(query, place.node)
  }

  /** Who broke this query is not asked for the rest of it. */
  #avoidAfter(place: Place, begun: boolean, options: RouteOptions, worker: string | undefined): void {
    if (place.node !== LOCAL) {
      if (begun) options.avoidNodes.add(place.node)
    } else if (worker !== undefined) options.avoidWorkers.add(worker)
  }

  #failed(error: RealmeshError): RealmeshError {
    if (error.code !== 'CANCELLED') this.counters.failed_routes += 1
    return error
  }
}

/** What the tries of one query share. */
interface Course {
  readonly round: Round
  /** Hears of the first content, or of an end without any. */
  readonly onBegun: () => void
}

/** Up to three places that are asked one after the other. */
class Round {
  tries = 0
  /** Nodes that have no room now, and may have it in the next round. */
  readonly refused = new Set<string>()
  #last: RealmeshError | undefined
  #full: RealmeshError | undefined
  readonly #avoid: Set<string>

  /** `avoid`: nodes that are not asked again for this query. */
  constructor(avoid: Set<string>) {
    this.#avoid = avoid
  }

  /** A place failed before it sent anything. A full one can be asked again later, a broken one is avoided. */
  failed(node: string, error: RealmeshError): void {
    this.tries += 1
    this.#last = error
    if (error.code === 'REALM_OVERLOADED') {
      this.#full = error
      this.refused.add(node)
    } else this.#avoid.add(node)
  }

  /** A refusal for load if there was one, since who is full will have room again, whatever befell the others; else the last failure. */
  get verdict(): RealmeshError | undefined {
    return this.#full ?? this.#last
  }
}

/** Errors that no other place would cure: the request itself is wrong. */
function isFinal(error: RealmeshError): boolean {
  return !error.retryable && error.code !== 'MODEL_NOT_FOUND' && error.code !== 'CAPABILITY_MISSING'
}

/** What the peer's evidence hears of a failed try. */
function failureOf(error: RealmeshError): SendOutcome {
  const refused = error.code === 'REALM_OVERLOADED' || error.code === 'DRAINING' || error.code === 'SHARE_REFUSED'
  return {
    ok: false,
    code: error.code,
    refused,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  }
}
