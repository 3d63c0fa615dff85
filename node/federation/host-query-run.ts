/**
 * One query of a host of another federation, from its acceptance to its account: on own workers as a query of a peer,
 * and where these cannot serve it and it has hops left, at another host. It never enters the swarm.
 */
import type { RealmLimits } from '../../config/schema/realm-schema.ts'
import type { FederatedWay, Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Relay, relayedRun, type Source } from '../../core/run/relayed-run.ts'
import { bringsPictures, cleanPictures } from '../../engines/images/image-input.ts'
import type { KnownHost } from '../api/federation.ts'
import type { Accounting, OpenAccount } from '../query/accounting.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { type AttemptJournal, RouteJournal } from '../route/route-journal.ts'
import { ServedQuery, type ServedQueryComponents } from '../serve/served-query.ts'

export interface HostQueryRunComponents extends Pick<ServedQueryComponents, 'turns' | 'clock' | 'log'> {
  readonly realms: Pick<RealmRegistry, 'run' | 'runAtHosts'>
  /** Writes down what a query used. */
  readonly accounting: Pick<Accounting, 'open'>
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
  /** Throws where the host's user is banned. */
  readonly admit: () => Promise<void>
  /** It begins to run. May throw; else exactly one `onEnded` follows. */
  readonly onBegun: () => void
  readonly onEnded: () => void
}

export class HostQueryRun implements Relay {
  readonly #components: HostQueryRunComponents
  readonly #init: HostQueryRunInit
  readonly #journal: RouteJournal
  readonly #account: OpenAccount
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

  async begin(): Promise<AsyncIterable<QueryEvent>> {
    await this.#init.admit()
    this.#init.onBegun()
    this.#begun = true
    this.#attempt = this.#journal.attempt(this.#init.self)
    return this.#here()
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
    const { signal, way } = this.#init
    if (this.#begun && !this.#content && !this.#handedOn && !signal.aborted && way.hopsLeft > 0) {
      this.#handedOn = true
      this.#attempt = this.#journal.attempt(this.#init.self)
      return this.#onwards(error)
    }
    this.#receipt ??= this.#journal.receipt(outcome)
    throw error
  }

  onClosed(): void {
    if (!this.#begun) return
    this.#attempt?.ended('cancelled')
    this.#account.ended(this.#receipt ?? this.#journal.receipt('cancelled'))
    this.#init.onEnded()
  }

  #here(): AsyncIterable<QueryEvent> {
    const { realms, turns, clock, log } = this.#components
    const { query, signal, host, limits } = this.#init
    return relayedRun(
      new ServedQuery(
        { runHere: (asked, options) => realms.run(asked, options), turns, clock, log },
        { query, options: { signal }, asker: host.relation, limits },
      ),
    )
  }

  /** At the hosts of this node's friends; where there is none, the reason why it was not served here stands. */
  async #onwards(error: Error): Promise<AsyncIterable<QueryEvent>> {
    const { query, signal, way, exclude } = this.#init
    const clean = bringsPictures(query) ? await cleanPictures(query) : query
    const onwards = { via: way.via, hopsLeft: way.hopsLeft - 1 }
    const run = this.#components.realms.runAtHosts(
      { ...clean, scope: 'friends' },
      { options: { signal }, exclude, way: onwards },
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
