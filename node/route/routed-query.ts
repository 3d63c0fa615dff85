/**
 * One query on its way to a place: asks the best, and before the first content of the answer a failure or a refusal
 * goes on to the next, unseen by the client. No word of one place alone ends it. What breaks after the first content is
 * thrown: query-run.ts, around this, takes it from there.
 */
import { isBatch, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { type ErrorCode, type RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import type { Relay, Source } from '../../core/run/relayed-run.ts'
import type { SearchOutcome } from '../../discovery/dht/model-search.ts'
import type { FederationDiscovery } from '../../discovery/federation-discovery.ts'
import type { HedgeBudget } from '../../routing/choice/hedge-budget.ts'
import { type Contender, HedgedRace } from './hedged-race.ts'
import { PlaceTry, type PlaceTryComponents, type PlaceTryInit } from './place-try.ts'
import { HOSTS, isByWorkers, type Place, type Places } from './places.ts'
import { MAX_TRIES, Round } from './round.ts'
import type { RouteOptions } from './route-journal.ts'
import { MAX_TURN_PAUSE_MS, type Seat, type WaitingRoom } from './waiting-room.ts'

/** Refusals that are over by themselves, so that waiting is worth while. */
const PASSES: ReadonlySet<ErrorCode> = new Set(['REALM_OVERLOADED', 'ENGINE_LOADING'])

export interface RoutedQueryComponents extends PlaceTryComponents {
  readonly places: PlaceTryComponents['places'] & Pick<Places, 'best' | 'isUnknown' | 'whyNone' | 'noteContradicted'>
  /** Looks in the network for a model that no node in reach serves. */
  readonly searchModel: FederationDiscovery['searchModel']
  /** All places within reach are full: connects to others that are known to serve the like. */
  readonly reachMore: FederationDiscovery['reachMore']
  readonly waitingRoom: WaitingRoom
  readonly hedges: HedgeBudget
  readonly clock: Clock
}

export interface RoutedQueryInit extends Pick<PlaceTryInit, 'query' | 'options' | 'self' | 'onServed'> {
  /** Longest wait for a place when all are full, milliseconds. */
  readonly maxWaitMs: number
  /** No place served it; told of the error that is thrown. */
  readonly onGivenUp: (error: RealmeshError) => void
}

export class RoutedQuery implements Relay {
  readonly #components: RoutedQueryComponents
  readonly #init: RoutedQueryInit
  readonly #query: Query
  readonly #options: RouteOptions
  readonly #giveUpAt: number
  #round: Round
  /** The try whose events go by; a race watches over its own. */
  #try: PlaceTry | undefined
  #race: HedgedRace | undefined
  #seat: Seat | undefined
  /** Why it stands in the line, while it does. */
  #refusal: RealmeshError | undefined
  #patience: LinkedAbort | undefined
  #search: SearchOutcome | undefined
  #begun = false
  #givenUp: RealmeshError | undefined

  constructor(components: RoutedQueryComponents, init: RoutedQueryInit) {
    this.#components = components
    this.#init = init
    this.#query = init.query
    this.#options = init.options
    this.#giveUpAt = components.clock.monotonic() + init.maxWaitMs
    this.#round = new Round(init.options.avoidNodes)
  }

  begin(): Source {
    return this.#next()
  }

  onEvent(event: QueryEvent): QueryEvent {
    return this.#try === undefined ? event : this.#try.onEvent(event)
  }

  onDone(): Source | undefined {
    this.#try?.onDone()
    if (this.#refusal !== undefined) return this.#afterTurn(this.#refusal)
    return this.#race?.takeRest()
  }

  onError(thrown: unknown): Source | undefined {
    if (thrown === this.#givenUp) throw thrown
    const error = this.#lost(thrown)
    if (error === undefined) return undefined
    if (this.#begun || this.#options.signal.aborted) throw this.#giveUp(error)
    const { agreed } = this.#round
    if (agreed !== undefined) throw this.#giveUp(agreed)
    return this.#next()
  }

  onClosed(): void {
    this.#over()
    this.#patience?.abort()
    this.#seat?.leave(false) // changes nothing for a query that has begun
  }

  /** The best place that is left, after a wait when all are full. */
  #next(): Source {
    const { places, clock } = this.#components
    const { tries, refused, outgrown, verdict } = this.#round
    const place = tries < MAX_TRIES ? places.best(this.#query, this.#options, refused, outgrown) : undefined
    if (place !== undefined) return this.#at(place)
    if (verdict === undefined && this.#search === undefined && places.isUnknown(this.#query)) return this.#afterSearch()
    const searchedMs = this.#search === 'lately' ? 0 : this.#options.journal.searchedMs
    const refusal = verdict ?? places.whyNone(this.#query, searchedMs)
    const passes = PASSES.has(refusal.code) && this.#giveUpAt > clock.monotonic()
    // A batch stands in no line in front of others: what made it comes again.
    if (!passes || isBatch(this.#query)) throw this.#giveUp(refusal)
    return this.#inLine(refusal)
  }

  /** Tells the query's place in the line. Behind it comes its turn. */
  #inLine(refusal: RealmeshError): Source {
    if (this.#seat === undefined) this.#components.reachMore(this.#query)
    try {
      this.#seat ??= this.#components.waitingRoom.enter(refusal)
    } catch (full) {
      throw this.#giveUp(toRealmeshError(full))
    }
    this.#refusal = refusal
    const { position } = this.#seat
    return alone({ kind: 'queued', position, estimatedWaitMs: refusal.retryAfterMs ?? MAX_TURN_PAUSE_MS })
  }

  /** A try that brings in a second place when the first is unusually slow to begin. */
  #at(place: Place): Source {
    const { hedges, clock } = this.#components
    const away = !isByWorkers(place) && !isBatch(this.#query) // the first word of a batch is not waited for
    if (away && this.#options.journal.leaves()) hedges.noteQuery()
    const afterMs = away ? hedges.hedgeAfterMs(place.model, this.#query.type) : undefined
    if (afterMs === undefined) {
      this.#try = this.#tryAt(place, this.#options)
      return this.#try.begin()
    }
    const second = (): Contender | undefined => this.#second(place, afterMs)
    this.#race = new HedgedRace({ clock }, { first: this.#contender(place), second, afterMs })
    return this.#race
  }

  #second(first: Place, afterMs: number): Contender | undefined {
    const { hedges, places, log } = this.#components
    const { refused, outgrown } = this.#round
    const other = places.best(this.#query, this.#options, new Set([...refused, first.node, HOSTS]), outgrown)
    const second = other !== undefined && hedges.take() ? other : undefined
    log.hedged(this.#query, first, second, afterMs)
    if (second === undefined) return undefined
    this.#options.journal.noteHedged()
    return this.#contender(second)
  }

  #contender(place: Place): Contender {
    const life = linkedAbort(this.#options.signal)
    return { life, events: this.#tryAt(place, { ...this.#options, signal: life.signal }).asRun() }
  }

  #tryAt(place: Place, options: RouteOptions): PlaceTry {
    const { query, self, onServed } = this.#init
    const { places } = this.#components
    return new PlaceTry(this.#components, {
      place,
      query,
      options,
      self,
      onBegun: () => this.#onBegun(),
      onServed: (place, firstEventMs) => {
        for (const other of this.#round.contradictedBy(place)) places.noteContradicted(other)
        onServed(place, firstEventMs)
      },
      onFailed: (place, error) => this.#round.failed(place, error),
    })
  }

  #onBegun(): void {
    this.#begun = true
    this.#seat?.leave(true) // it waits no more: the next may ask
  }

  /** The try or race is over: why, unless the answer was whole. */
  #lost(thrown: unknown): RealmeshError | undefined {
    try {
      this.#try?.onError(thrown)
      return this.#try === undefined ? toRealmeshError(thrown) : undefined
    } catch (error) {
      return toRealmeshError(error)
    } finally {
      this.#over()
    }
  }

  #over(): void {
    this.#try?.onClosed()
    this.#try = undefined
    this.#race?.close()
    this.#race = undefined
  }

  /** A new round after a turn in the line; when the longest wait is over there is none: then the refusal stands. */
  async #afterTurn(refusal: RealmeshError): Promise<AsyncIterable<QueryEvent>> {
    const { clock, log } = this.#components
    this.#refusal = undefined
    const ms = Math.max(0, this.#giveUpAt - clock.monotonic())
    log.waits(this.#query, refusal, ms)
    const patience = linkedAbort(this.#options.signal)
    const stop = clock.after(ms, () => patience.abort(refusal))
    const from = clock.monotonic()
    this.#patience = patience
    try {
      await this.#seat?.turn(refusal, patience.signal)
      patience.signal.throwIfAborted()
    } catch (thrown) {
      throw thrown === refusal ? this.#giveUp(refusal) : thrown
    } finally {
      stop()
      patience.release()
    }
    this.#options.journal.waited(clock.monotonic() - from)
    this.#round = new Round(this.#options.avoidNodes, this.#round)
    return this.#next()
  }

  /** Looks for nodes that serve the query's model, until one is found that may take the query. */
  async #afterSearch(): Promise<AsyncIterable<QueryEvent>> {
    const { places, clock, searchModel, log } = this.#components
    const patience = linkedAbort(this.#options.signal)
    const from = clock.monotonic()
    const until = (): boolean => places.best(this.#query, this.#options, this.#round.refused) !== undefined
    this.#patience = patience
    try {
      this.#search = await searchModel(this.#query.model, { signal: patience.signal, until })
    } finally {
      patience.release()
    }
    const tookMs = clock.monotonic() - from
    if (this.#search === 'found' || this.#search === 'nothing') this.#options.journal.searched(tookMs)
    log.searched(this.#query, this.#search, tookMs)
    return this.#next()
  }

  #giveUp(error: RealmeshError): RealmeshError {
    this.#givenUp = error
    this.#components.log.givenUp(this.#query, error)
    this.#init.onGivenUp(error)
    return error
  }
}

async function* alone(event: QueryEvent): AsyncGenerator<QueryEvent> {
  yield event
}
