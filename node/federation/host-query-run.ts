/**
 * One query of a host of another federation, from its acceptance to its account: on own workers as a query of a peer,
 * and where these cannot serve it and it has hops left, at another host. It never enters the swarm.
 */
import type { RealmLimits } from '../../config/schema/realm-schema.ts'
import type { FederatedWay, Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import { type Relay, relayedRun, type Source } from '../../core/run/relayed-run.ts'
import { bringsPictures, cleanPictures } from '../../engines/images/image-input.ts'
import type { KnownHost } from '../api/federation.ts'
import { userBanned } from '../api/user-banned.ts'
import type { Accounting, OpenAccount } from '../query/accounting.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { type AttemptJournal, RouteJournal } from '../route/route-journal.ts'
import { ServedQuery, type ServedQueryComponents } from '../serve/served-query.ts'
import type { HouseUsers } from '../users/house-users.ts'
import type { RunningEntry, RunningQueries } from '../users/running-queries.ts'

export interface HostQueryRunComponents extends Pick<ServedQueryComponents, 'turns' | 'clock' | 'log'> {
  readonly realms: Pick<RealmRegistry, 'run' | 'runAtHosts'>
  /** Writes down what a query used. */
  readonly accounting: Pick<Accounting, 'open'>
  /** The queries that the operator sees, and may end. */
  readonly running: Pick<RunningQueries, 'add' | 'remove'>
  readonly users: Pick<HouseUsers, 'opening' | 'isBanned'>
}

export interface HostQueryRunInit {
  readonly query: Query
  readonly host: KnownHost
  readonly limits: RealmLimits
  /** This node's peer id. */
  readonly self: string
  readonly signal: CancelSignal
  /** The way so far, this federation included. */
  readonly way: FederatedWay
  /** Hosts that it must not go to. */
  readonly exclude: ReadonlySet<string>
  /** It begins to run. May throw; else exactly one `onEnded` follows. */
  readonly onBegun: () => void
  readonly onEnded: () => void
}

export class HostQueryRun implements Relay, RunningEntry {
  readonly #components: HostQueryRunComponents
  readonly #init: HostQueryRunInit
  readonly #journal: RouteJournal
  readonly #account: OpenAccount
  /** Follows the host's from the first pull on. */
  readonly #life = linkedAbort()
  #attempt: AttemptJournal | undefined
  #receipt: RouteReceipt | undefined
  #begun = false
  #content = false
  #handedOn = false

  constructor(components: HostQueryRunComponents, init: HostQueryRunInit) {
    this.#components = components
    this.#init = init
    this.#journal = new RouteJournal(init.query, components.clock)
    // Its texts are its own users'.
    this.#account = components.accounting.open(init.query, { idChosen: true, keepsTexts: false })
  }

  begin(): Source {
    const { running, users } = this.#components
    this.#init.onBegun()
    this.#begun = true
    this.#life.follow(this.#init.signal)
    running.add(this)
    this.#attempt = this.#journal.attempt(this.#init.self)
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

  onEvent(event: QueryEvent): QueryEvent {
    this.#content ||= isContent(event)
    this.#attempt?.saw(event)
    if (event.kind !== 'end') this.#account.saw(event)
    else {
      this.#attempt?.ended('served')
      this.#receipt = this.#journal.receipt('served')
    }
    return event
  }

  onError(thrown: unknown): Source {
    const error = toRealmeshError(thrown)
    const outcome = error.code === 'CANCELLED' ? 'cancelled' : error.code
    this.#attempt?.ended(outcome)
    const { way } = this.#init
    if (this.#isOpen(error) && !this.#content && !this.#handedOn && way.hopsLeft > 0) {
      this.#handedOn = true
      this.#attempt = this.#journal.attempt(this.#init.self)
      return this.#onwards(error)
    }
    this.#receipt ??= this.#journal.receipt(outcome)
    throw error
  }

  onClosed(): void {
    this.#life.release()
    if (!this.#begun) return
    this.#components.running.remove(this)
    this.#attempt?.ended('cancelled')
    this.#account.ended(this.#receipt ?? this.#journal.receipt('cancelled'))
    this.#init.onEnded()
  }

  /** Whether another place may still be asked: the host waits, and its query is not shut out. */
  #isOpen({ code }: RealmeshError): boolean {
    return this.#begun && !this.#life.signal.aborted && code !== 'USER_BANNED'
  }

  #admit(): AsyncIterable<QueryEvent> {
    if (this.#components.users.isBanned(this.query.user)) throw userBanned()
    return this.#here()
  }

  #here(): AsyncIterable<QueryEvent> {
    const { realms, turns, clock, log } = this.#components
    const { query, host, limits } = this.#init
    return relayedRun(
      new ServedQuery(
        { runHere: (asked, options) => realms.run(asked, options), turns, clock, log },
        { query, options: { signal: this.#life.signal }, asker: host.relation, limits },
      ),
    )
  }

  /** At the hosts of this node's friends; where there is none, the reason why it was not served here stands. */
  async #onwards(error: Error): Promise<AsyncIterable<QueryEvent>> {
    const { query, way, exclude } = this.#init
    const clean = bringsPictures(query) ? await cleanPictures(query) : query
    const onwards = { via: way.via, hopsLeft: way.hopsLeft - 1 }
    const run = this.#components.realms.runAtHosts(
      { ...clean, scope: 'friends' },
      { options: { signal: this.#life.signal }, exclude, way: onwards },
    )
    return instead(run, error)
  }
}

/** The run; where it cannot even begin, the error that led to it. */
async function* instead(run: AsyncIterable<QueryEvent>, first: Error): AsyncGenerator<QueryEvent> {
  let begun = false
  try {
    for await (const event of run) {
      begun = true
      yield event
    }
  } catch (error) {
    throw begun ? error : first
  }
}
