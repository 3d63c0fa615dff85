/**
 * One own query from its acceptance to its receipt: within the realm's time limit, with its account, and continued
 * elsewhere when a chat answer breaks after its first content. Failures before that are the router's.
 */
import { defined } from '../../core/defined.ts'
import { isBatch, isChat, type Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Relay, Source } from '../../core/run/relayed-run.ts'
import { bringsPictures, cleanPictures } from '../../engines/images/image-input.ts'
import { userBanned } from '../api/user-banned.ts'
import type { QueryLog } from '../route/query-log.ts'
import { RouteJournal, type RouteOptions, type RouteQuery } from '../route/route-journal.ts'
import type { RunningEntry, RunningQueries } from '../users/running-queries.ts'
import type { Accounting, OpenAccount } from './accounting.ts'
import { Continuation } from './continuation.ts'
import { estimateInstead } from './estimated-tokens.ts'
import { secondChance } from './second-chance.ts'

/** Who may ask, and what of theirs runs. */
export interface QueryAdmission {
  /** What to wait for before `isBanned` says anything; undefined once it does. */
  readonly opening: Promise<void> | undefined
  /** From memory: every query asks. */
  isBanned(user: string): boolean
}

export interface QueryRunComponents {
  readonly route: RouteQuery
  /** Writes down what a query used. */
  readonly accounting: Pick<Accounting, 'open'>
  readonly users: QueryAdmission
  readonly running: Pick<RunningQueries, 'add' | 'remove'>
  readonly clock: Clock
  readonly log: QueryLog
}

export interface QueryRunInit {
  readonly query: Query
  /** Its id is the client's, which may ask under it again. */
  readonly idChosen: boolean
  /** Of the client. */
  readonly signal: CancelSignal
  /** Longest time to the whole answer, milliseconds. */
  readonly totalMs: number
  /** Realms that may serve it. @default every realm */
  readonly realms?: readonly string[] | undefined
  /** Nodes that must not serve it. */
  readonly avoid?: readonly string[] | undefined
  /** `false`: a broken answer ends with an error instead of going on elsewhere. @default true */
  readonly continuation?: boolean | undefined
  /** `false`: nothing of its texts is written down. @default as the user keeps history */
  readonly keepsTexts?: boolean | undefined
  /** What the client has of the answer, from an earlier run. @default nothing */
  readonly answered?: readonly QueryEvent[] | undefined
  readonly onBegun: () => void
  /** Exactly once after `onBegun`. `begun`: false for a query of a batch for which nothing was idle. */
  readonly onEnded: (receipt: RouteReceipt, begun: boolean) => void
}

export class QueryRun implements Relay, RunningEntry {
  readonly #components: QueryRunComponents
  readonly #init: QueryRunInit
  readonly #journal: RouteJournal
  /** Follows the client's from the first pull on: a query that is never read stays attached to nothing. */
  readonly #life = linkedAbort()
  readonly #options: RouteOptions
  readonly #account: OpenAccount
  #continuation: Continuation | undefined
  #receipt: RouteReceipt | undefined
  /**
   * Whether those who broke the answer were waited for; a query that ends an engine each time must not do so for ever.
   */
  #gaveChance = false

  constructor(components: QueryRunComponents, init: QueryRunInit) {
    const { query } = init
    this.#components = components
    this.#init = init
    this.#journal = new RouteJournal(query, components.clock)
    const { idChosen, keepsTexts } = init
    this.#account = components.accounting.open(query, { idChosen, ...defined({ keepsTexts }) })
    this.#options = {
      signal: this.#life.signal,
      asker: 'own',
      journal: this.#journal,
      avoidNodes: new Set(init.avoid),
      avoidWorkers: new Set(),
      realms: init.realms,
    }
  }

  begin(): Source {
    const { query, signal, totalMs, onBegun } = this.#init
    const { log, running, users } = this.#components
    this.#life.follow(signal)
    this.#life.expireIn(totalMs, 'the answer was not complete')
    onBegun()
    running.add(this)
    log.accepted(query)
    return users.opening === undefined ? this.#admit() : users.opening.then(() => this.#admit())
  }

  get query(): Query {
    return this.#init.query
  }

  get since(): number {
    return this.#journal.at
  }

  get servedBy(): string | undefined {
    return this.#journal.servedBy
  }

  end(reason: RealmeshError): void {
    this.#life.abort(reason)
  }

  onEvent(event: QueryEvent): QueryEvent | undefined {
    const passed = this.#continuation === undefined ? event : this.#continuation.pass(event)
    if (passed?.kind === 'end') {
      this.#receipt = this.#journal.receipt('served')
      return { receipt: this.#receipt, ...passed } // in this order: a copy has no room for one more field
    }
    if (passed !== undefined) this.#account.saw(passed)
    return passed
  }

  onDone(): undefined {
    if (this.#receipt === undefined) throw new RealmeshError('PROTOCOL_ERROR', 'the answer stopped without an end')
  }

  onError(thrown: unknown): Source {
    try {
      return this.#goOn(thrown)
    } catch (final) {
      const error = toRealmeshError(final)
      this.#receipt ??= this.#journal.receipt(error.code === 'CANCELLED' ? 'cancelled' : error.code)
      throw error
    }
  }

  onClosed(): void {
    this.#life.release()
    this.#components.running.remove(this)
    const receipt = this.#receipt ?? this.#journal.receipt('cancelled')
    const { query, onEnded } = this.#init
    const begun = !isBatch(query) || wasBegun(receipt)
    if (begun) this.#account.ended(receipt)
    this.#components.log.ended(receipt)
    onEnded(receipt, begun)
  }

  /** The user may have been shut out since the query was accepted. */
  #admit(): Source {
    const { query } = this
    if (this.#components.users.isBanned(query.user)) this.end(userBanned())
    this.#life.signal.throwIfAborted()
    // Once, here: only the pixels leave this door, wherever the query is served.
    return bringsPictures(query) ? cleanPictures(query).then((clean) => this.#start(clean)) : this.#start(query)
  }

  #start(query: Query): AsyncIterable<QueryEvent> {
    this.#life.signal.throwIfAborted()
    const { continuation, answered = [] } = this.#init
    if (!isChat(query)) return this.#components.route(query, this.#options)
    if (continuation !== false) this.#continuation = new Continuation(query)
    return this.#components.route(answered.some(isContent) ? this.#takenUp(answered) : query, this.#options)
  }

  /** What is left to ask of a query of which `answered` has come before. Throws `ANSWER_CUT`. */
  #takenUp(answered: readonly QueryEvent[]): Query {
    const stopped = new RealmeshError('ANSWER_CUT', 'the node was stopped while the answer came', { fix: 'ask again' })
    if (this.#continuation === undefined) throw stopped
    for (const event of answered) this.#account.saw(event)
    const rest = this.#continuation.takeUp(answered, stopped)
    this.#journal.noteContinued()
    return rest
  }

  /**
   * Goes on with a broken answer at another worker. Throws the error that the client gets when that is not possible.
   */
  #goOn(thrown: unknown): Source {
    const { signal } = this.#life
    if (signal.aborted) throw whyAborted(signal)
    const error = toRealmeshError(thrown)
    const estimate = estimateInstead(this.#init.query, error)
    if (estimate !== undefined) return estimate
    if (this.#continuation === undefined || this.#continuation.waitsForRest) throw error
    const rest = this.#continuation.rest(error, this.#journal.modelServed)
    this.#journal.noteContinued()
    this.#components.log.continues(rest, error)
    // A node whose limit is reached is not asked again: that would be its limit twice.
    this.#gaveChance ||= error.code === 'NODE_LIMIT'
    if (this.#gaveChance) return this.#components.route(rest, this.#options)
    this.#gaveChance = true
    return secondChance(this.#components, rest, this.#options, this.#init.avoid ?? [])
  }
}

/** Why the query's life ended: the client left, its time was up, or the operator ended it. */
function whyAborted({ reason }: CancelSignal): RealmeshError {
  if (reason instanceof RealmeshError) return reason
  return new RealmeshError('CANCELLED', 'the client has gone', { cause: reason })
}

/** Whether a worker began with the query. What asks again and again for an idle one would fill the history. */
function wasBegun({ outcome, modelServed }: RouteReceipt): boolean {
  return outcome === 'served' || modelServed !== undefined
}
