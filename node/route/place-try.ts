/**
 * One try of a query at one place: what comes of it is written down, told to the place's evidence, and booked on that
 * place alone.
 */

import { defined } from '../../core/defined.ts'
import type { Query } from '../../core/query/query.ts'
import { type EndEvent, isContent, type QueryEvent, type QueuedEvent } from '../../core/query/query-event.ts'
import type { Verified } from '../../core/query/receipt.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { type Relay, relayedRun } from '../../core/run/relayed-run.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { promisedJson, wantsJson } from '../../engines/adapter/promised-json.ts'
import { LOCAL } from '../../routing/choice/rank-peers.ts'
import type { SendOutcome } from '../../routing/learning/evidence.ts'
import type { Sent } from '../../routing/offers/sends.ts'
import type { ReceiptProofs } from '../receipt/receipt-proofs.ts'
import { SeenAnswer } from '../receipt/seen-answer.ts'
import { HOSTS, isByWorkers, type Place, type Places } from './places.ts'
import type { QueryLog } from './query-log.ts'
import type { AttemptJournal, RouteOptions } from './route-journal.ts'

export interface PlaceTryComponents {
  readonly places: Pick<Places, 'noteSent' | 'noteFirstEvent' | 'noteOutcome'>
  /** Runs a query on this node's own workers. */
  readonly local: (query: Query, options: RouteOptions) => AsyncIterable<QueryEvent>
  /** Runs a query at hosts of other federations. */
  readonly hosts: (query: Query, options: RouteOptions) => AsyncIterable<QueryEvent>
  /** Runs a query at a peer. */
  readonly remote: (peer: string) => RunQuery
  /** What other nodes see instead of the user's key. */
  readonly pseudonym: (user: string) => string
  /** Looks at what peers sign. */
  readonly proofs: Pick<ReceiptProofs, 'taken'>
  readonly log: QueryLog
}

export interface PlaceTryInit {
  readonly place: Place
  readonly query: Query
  readonly options: RouteOptions
  /** This node's peer id, for the journal. */
  readonly self: string
  /** The first content came, or an end without any. */
  readonly onBegun: () => void
  /** The whole answer came; after how many milliseconds its first content did. */
  readonly onServed: (place: Place, firstEventMs: number | undefined) => void
  /** It failed before it sent anything. */
  readonly onFailed: (place: Place, error: RealmeshError) => void
}

const SERVED: SendOutcome = { ok: true }
/** The answer is whole, but what its node signed is not true: that is held against the node, not against the answer. */
const SIGNED_WRONG: SendOutcome = { ok: false, code: 'PROTOCOL_ERROR' }
/** Unless something else is seen: the reader left. */
const LEFT: SendOutcome = { ok: false, code: 'CANCELLED' }

export class PlaceTry implements Relay {
  readonly #components: PlaceTryComponents
  readonly #init: PlaceTryInit
  readonly #journal: AttemptJournal
  readonly #sent: Sent | undefined
  /** What comes from a peer; nothing of our own is doubted. */
  readonly #seen: SeenAnswer | undefined
  /** Whether it was seen before it got here. */
  #passesSeen = false
  #outcome = LEFT
  #begun = false
  #whole = false
  #waited = false

  constructor(components: PlaceTryComponents, init: PlaceTryInit) {
    const { place, options, self } = init
    this.#components = components
    this.#init = init
    const here = isByWorkers(place)
    this.#sent = here ? undefined : components.places.noteSent(place, init.query)
    this.#seen = here ? undefined : new SeenAnswer(init.query, place.node)
    this.#journal = options.journal.attempt(here ? self : place.node)
  }

  /** The try as a run of its own, for a race. */
  asRun(): AsyncGenerator<QueryEvent, void> {
    return relayedRun(this)
  }

  begin(): AsyncIterable<QueryEvent> {
    const { local, hosts, remote, pseudonym } = this.#components
    const { place, query, options } = this.#init
    const { realm, model, sure } = place
    if (place.node === LOCAL) return local({ ...query, realm, model }, options)
    if (place.node === HOSTS) return hosts({ ...query, realm, model }, options)
    const { origin: _, trace, ...rest } = query
    const own = trace === undefined || place.relation === 'stranger' ? rest : { ...rest, trace }
    const user = pseudonym(query.user)
    const answer = remote(place.node)(
      { ...own, realm, model, hopsLeft: query.hopsLeft - 1, user },
      {
        signal: options.signal,
        onPath: (path, rttMs) => this.#journal.goes(path, rttMs),
      },
    )
    if (!wantsJson(query)) return answer
    // What is hashed is what came, not what is made of it here.
    this.#passesSeen = true
    return promisedJson(this.#seen?.passing(answer) ?? answer, { engine: 'the other node', sure })
  }

  onEvent(event: QueryEvent): QueryEvent {
    if (event.kind === 'end') return this.#ended(event)
    if (!this.#passesSeen) this.#seen?.saw(event)
    this.#journal.saw(event)
    if (event.kind === 'queued') this.#queued(event)
    if (!this.#begun && isContent(event)) {
      this.#begun = true
      this.#init.onBegun()
      if (this.#sent !== undefined) this.#components.places.noteFirstEvent(this.#sent)
    }
    return event
  }

  onDone(): undefined {
    if (!this.#whole) throw new RealmeshError('PROTOCOL_ERROR', 'the answer stopped without an end')
  }

  /** Throws a RealmeshError, unless the answer was whole: what breaks behind its end is no loss. */
  onError(thrown: unknown): undefined {
    if (this.#whole) return
    const error = toRealmeshError(thrown, 'PEER_LOST')
    const { place, query, options, onFailed } = this.#init
    const { aborted } = options.signal
    this.#components.log.failed(query, place, error, this.#begun)
    this.#journal.ended(aborted ? 'cancelled' : error.code)
    this.#avoid(place, options)
    if (!aborted) {
      this.#outcome = failureOf(error)
      if (!this.#begun) onFailed(place, error)
    }
    throw error
  }

  onClosed(): void {
    this.#journal.ended('cancelled') // counts only when the reader left before the end
    if (this.#sent !== undefined) this.#components.places.noteOutcome(this.#sent, this.#outcome)
  }

  /** Its place is told again and again: the log wants the first. */
  #queued(event: QueuedEvent): void {
    if (this.#waited) return
    this.#waited = true
    this.#components.log.queued(this.#init.query, this.#init.place, event)
  }

  #ended(told: EndEvent): EndEvent {
    const { place, onBegun, onServed } = this.#init
    const { end, contradicted } = this.#seen?.ended(told) ?? { end: told, contradicted: false }
    this.#whole = true
    this.#outcome = this.#proved(end, contradicted) === 'wrong' ? SIGNED_WRONG : SERVED
    this.#journal.saw(end)
    if (!this.#begun) onBegun()
    this.#journal.ended('served')
    onServed(place, this.#journal.firstEventMs)
    return end
  }

  #proved({ served }: EndEvent, contradicted: boolean): Verified | undefined {
    if (served === undefined || this.#seen === undefined) return undefined
    const { query, place } = this.#init
    const verified = this.#components.proofs.taken(query.id, place.node, served, contradicted)
    if (verified !== undefined) this.#journal.proved(verified)
    return verified
  }

  /** A place that broke this query is not asked for the rest of it. */
  #avoid(place: Place, { avoidNodes, avoidWorkers }: RouteOptions): void {
    const { worker } = this.#journal
    if (!isByWorkers(place)) {
      if (this.#begun) avoidNodes.add(place.node)
    } else if (worker !== undefined) avoidWorkers.add(worker)
  }
}

/** What the peer's evidence hears of a failed try. */
function failureOf({ code, retryAfterMs }: RealmeshError): SendOutcome {
  return { ok: false, code, ...defined({ retryAfterMs }) }
}
