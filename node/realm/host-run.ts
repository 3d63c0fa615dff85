/**
 * One query at hosts of other federations: a slot of one, and where that fails before its first content, of another.
 * Nobody waits in line for a host.
 */
import type { FederatedWay, Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Relay, Source } from '../../core/run/relayed-run.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import type { RealmHosts } from '../../workers/pool/realm-hosts.ts'
import type { WorkerLease } from '../../workers/pool/worker-lease.ts'
import { addServedPart } from '../receipt/served-part.ts'

/** Hosts that are tried for one query. */
const MAX_HOST_TRIES = 3

export interface HostRunComponents {
  readonly hosts: Pick<RealmHosts, 'reserve'>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

export interface HostRunInit {
  readonly query: Query
  readonly options: RunOptions
  /** Names of hosts that must not have it. */
  readonly exclude: ReadonlySet<string>
  /** The way that the query has taken, this federation included. */
  readonly way: FederatedWay
}

export class HostRun implements Relay {
  readonly #components: HostRunComponents
  readonly #init: HostRunInit
  readonly #exclude: Set<string>
  readonly #withPart: (event: QueryEvent) => QueryEvent
  #lease: WorkerLease | undefined
  #tries = 0
  #content = false

  constructor(components: HostRunComponents, init: HostRunInit) {
    this.#components = components
    this.#init = init
    this.#exclude = new Set(init.exclude)
    this.#withPart = addServedPart(components.now)
  }

  begin(): Source {
    const { query, options, way } = this.#init
    this.#lease = this.#components.hosts.reserve(query, this.#exclude)
    this.#tries += 1
    return this.#lease.run({ ...query, federated: way }, options)
  }

  onEvent(event: QueryEvent): QueryEvent {
    this.#content ||= isContent(event)
    return this.#withPart(event)
  }

  onError(thrown: unknown): Source {
    const lease = this.#lease
    this.#lease = undefined
    lease?.release()
    const { retryable } = toRealmeshError(thrown, 'ENGINE_FAILED')
    const over = this.#content || !retryable || this.#tries >= MAX_HOST_TRIES || this.#init.options.signal.aborted
    if (lease === undefined || over) throw thrown
    this.#exclude.add(lease.worker)
    try {
      return this.begin()
    } catch {
      throw thrown // "no other host" says less than why the first one failed
    }
  }

  onClosed(): void {
    this.#lease?.release()
  }
}
