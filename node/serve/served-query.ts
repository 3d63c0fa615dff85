/**
 * One query of another node, on own workers: within what this node grants such an asker, and never sent on. The end of
 * the answer carries our signed part.
 */
import type { RealmLimits } from '../../config/schema/realm-schema.ts'
import type { Query } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { type RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import type { Relay } from '../../core/run/relayed-run.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import type { Relation } from '../../core/scope.ts'
import { overtime, withinLimits } from '../realm/realm-limits.ts'
import type { RealmRunOptions } from '../realm/realm-run.ts'
import type { QueryLog } from '../route/query-log.ts'
import type { TurnSigner } from './turn-signer.ts'

export interface ServedQueryComponents {
  /** Runs a query on own workers. */
  readonly runHere: (query: Query, options: RealmRunOptions) => AsyncIterable<QueryEvent>
  readonly turns: TurnSigner
  readonly clock: Clock
  readonly log: QueryLog
}

export interface ServedQueryInit {
  readonly query: Query
  readonly options: RunOptions
  readonly asker: Relation
  readonly limits: RealmLimits
}

export class ServedQuery implements Relay {
  readonly #components: ServedQueryComponents
  readonly #init: ServedQueryInit
  #life: LinkedAbort | undefined
  #stopTimer = (): void => {}
  #overtime: RealmeshError | undefined
  #unsigned: EndEvent | undefined

  constructor(components: ServedQueryComponents, init: ServedQueryInit) {
    this.#components = components
    this.#init = init
  }

  begin(): AsyncIterable<QueryEvent> {
    const { query, options, asker, limits } = this.#init
    const { clock, runHere } = this.#components
    const bounded = withinLimits(query, limits)
    const life = linkedAbort(options.signal)
    this.#life = life
    this.#stopTimer = clock.after(limits.totalMs, () => {
      this.#overtime = overtime(limits)
      life.abort(this.#overtime)
    })
    // A stranger's trace has no place among those of this node's engines.
    const trace = asker === 'stranger' ? undefined : bounded.trace
    return runHere({ ...bounded, trace, hopsLeft: 0 }, { ...options, signal: life.signal, asker })
  }

  onEvent(event: QueryEvent): QueryEvent | undefined {
    if (event.kind !== 'end' || event.served === undefined || event.served.signature !== undefined) return event
    this.#unsigned = event
    return undefined
  }

  onDone(): AsyncIterable<QueryEvent> | undefined {
    const end = this.#unsigned
    this.#unsigned = undefined
    return end === undefined ? undefined : this.#signed(end)
  }

  onError(thrown: unknown): undefined {
    const error = this.#overtime ?? thrown
    this.#components.log.peerFailed(this.#init.query, toRealmeshError(error))
    throw error
  }

  onClosed(): void {
    this.#stopTimer()
    this.#life?.release()
  }

  async *#signed(end: EndEvent): AsyncGenerator<QueryEvent> {
    const { turns } = this.#components
    yield end.served === undefined ? end : { ...end, served: await turns.signed(this.#init.query.id, end.served) }
  }
}
