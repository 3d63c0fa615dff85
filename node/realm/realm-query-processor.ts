/**
 * RENT-A-HAL's RealmQueryProcessor: runs a realm's queries on its workers, as many at once as there are free slots,
 * and keeps the rest in a bounded queue. Refuses at the door when one more would wait too long. Its result is the
 * iterable that `run` returns.
 */

import { isBatch, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import type { Asker } from '../../core/scope.ts'
import type { RealmWorkerManager } from '../../workers/pool/realm-worker-manager.ts'
import type { WorkerLease } from '../../workers/pool/worker-lease.ts'
import { ADMISSION_BOUNDS, type AdmissionBounds, admit, estimateWaitMs, type RealmLoad } from './queue/admission.ts'
import { WaitingQueries } from './queue/waiting-queries.ts'
import type { WaitingQuery } from './queue/waiting-query.ts'
import { RealmCounters } from './realm-counters.ts'
import { type RealmDoor, RealmRun, type RealmRunOptions } from './realm-run.ts'

/** The realm's worker manager, as far as the processor needs it. */
export interface RealmWorkers extends Pick<RealmWorkerManager, 'reserve' | 'makeRoom' | 'onSlotFree'> {
  capacity(query: Query, asker: Asker): Omit<RealmLoad, 'queued'>
}

export interface RealmQueryProcessorComponents {
  readonly workers: RealmWorkers
  readonly clock: Clock
  /** A query began or ended here: the load has changed. */
  readonly onLoadChange?: () => void
}

export interface RealmQueryProcessorInit {
  readonly realm: string
  /** Longest estimated wait of an own query before it is refused. */
  readonly maxWaitMs: number
  /** Most queries that wait. */
  readonly maxLength: number
  /** Most queries that run at once; absent: as many as there are slots. */
  readonly concurrency?: number
}

export class RealmQueryProcessor {
  readonly realm: string
  readonly counters = new RealmCounters()
  readonly #components: RealmQueryProcessorComponents
  readonly #init: RealmQueryProcessorInit
  readonly #bounds: AdmissionBounds
  readonly #waiting: WaitingQueries
  readonly #door: RealmDoor
  readonly #unsubscribe: () => void
  readonly #idle: (() => void)[] = []
  #running = 0
  /** Of these, queries of batches: for the others their slots are free. */
  #batch = 0
  /** Queries that began and have not ended: those that run, and those that wait. */
  #inside = 0
  #draining = false

  constructor(components: RealmQueryProcessorComponents, init: RealmQueryProcessorInit) {
    const { clock, workers } = components
    this.realm = init.realm
    this.#components = components
    this.#init = init
    this.#bounds = { ...ADMISSION_BOUNDS, ownMs: init.maxWaitMs }
    this.#waiting = new WaitingQueries({
      clock,
      estimateWaitMs: ({ query, asker }, ahead) => estimateWaitMs({ ...workers.capacity(query, asker), queued: ahead }),
    })
    this.#door = {
      now: () => clock.monotonic(),
      enter: () => this.#enter(),
      leave: () => this.#leave(),
      count: (outcome, tookMs) => this.counters.count(outcome, tookMs),
      reserve: (query, asker, exclude) => (this.#hasRoom(query) ? this.#reserve(query, asker, exclude) : undefined),
      wait: (query, options, exclude) => this.#wait(query, options, exclude),
    }
    this.#unsubscribe = workers.onSlotFree(() => this.#pump())
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#waiting.size
  }

  /** How many wait for each model, by canonical name; those that take any stand under `ANY_MODEL`. */
  queuedByModel(): ReadonlyMap<string, number> {
    return this.#waiting.byModel
  }

  /** Estimated wait of one more query like this, were it accepted. */
  estimateWaitMs(query: Query, asker: Asker): number {
    return estimateWaitMs(this.#loadFor(query, asker))
  }

  /** Runs one query here. */
  run(query: Query, options: RealmRunOptions): AsyncGenerator<QueryEvent, void> {
    return relayedRun(new RealmRun(this.#door, query, options))
  }

  /** Takes no new queries from now on; what was accepted goes on. */
  drain(): void {
    this.#draining = true
  }

  /** Resolves when no query runs or waits here. */
  idle(): Promise<void> {
    return this.#inside === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Ends the subscription and everything that waits. */
  close(): void {
    this.drain()
    this.#unsubscribe()
    this.#waiting.failAll(new RealmeshError('DRAINING', 'the node stops'))
  }

  #enter(): void {
    if (this.#draining) throw new RealmeshError('DRAINING', 'this node takes no new queries: it is about to stop')
    this.#inside += 1
    this.#components.onLoadChange?.()
  }

  #leave(): void {
    this.#inside -= 1
    this.#components.onLoadChange?.()
    if (this.#inside === 0) for (const tell of this.#idle.splice(0)) tell()
  }

  #hasRoom(query?: Query): boolean {
    const { concurrency } = this.#init
    const batch = query !== undefined && isBatch(query)
    return concurrency === undefined || this.#running - (batch ? 0 : this.#batch) < concurrency
  }

  /** A slot that counts as running until it is released. */
  #reserve(query: Query, asker: Asker, exclude: ReadonlySet<string>): WorkerLease | undefined {
    const lease = this.#components.workers.reserve(query, { asker, exclude })
    if (lease === undefined) return undefined
    const batch = isBatch(query) ? 1 : 0
    this.#running += 1
    this.#batch += batch
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      this.#running -= 1
      this.#batch -= batch
      lease.release()
      this.#pump()
    }
    return { ...lease, release }
  }

  #wait(query: Query, options: RealmRunOptions, exclude: ReadonlySet<string>): WaitingQuery {
    if (options.signal.aborted) throw toRealmeshError(options.signal.reason, 'CANCELLED')
    // In front of nobody, and behind everybody: it comes again when there is nothing else to do.
    if (isBatch(query)) throw notIdle(this.realm)
    const estimatedWaitMs = this.#refuseWhenFull(query, options.asker)
    const waiting = this.#waiting.add(query, { ...options, exclude, estimatedWaitMs })
    this.#components.workers.makeRoom(query, options.asker)
    return waiting
  }

  /** The estimated wait, when that is not too long. */
  #refuseWhenFull(query: Query, asker: Asker): number {
    const load = this.#loadFor(query, asker)
    const verdict = admit(asker, load, this.#init.maxLength, this.#bounds)
    if (verdict.admitted) return verdict.estimatedWaitMs
    const seconds = Math.round(verdict.estimatedWaitMs / 1_000)
    throw new RealmeshError(
      'REALM_OVERLOADED',
      `${this.realm} is full: ${load.queued} wait, about ${seconds} s for one more`,
      { retryAfterMs: verdict.retryAfterMs },
    )
  }

  #loadFor(query: Query, asker: Asker): RealmLoad {
    return { ...this.#components.workers.capacity(query, asker), queued: this.#waiting.ahead(query) }
  }

  /** Gives free slots to the queries that wait, in order of turn. */
  #pump(): void {
    this.#waiting.settle(
      (waiting) => this.#settle(waiting),
      () => this.#hasRoom(),
    )
  }

  /** Whether the query waits no more: it has a slot now, or waiting no longer helps. */
  #settle(waiting: WaitingQuery): boolean {
    try {
      const lease = this.#reserve(waiting.query, waiting.asker, waiting.exclude)
      if (lease !== undefined) waiting.grant(lease)
      return lease !== undefined
    } catch (thrown) {
      waiting.fail(toRealmeshError(thrown))
      return true
    }
  }
}

/** How soon a query of a batch may ask again, milliseconds: one that was turned away for a short answer finds room. */
const BATCH_RETRY_MS = 1_000

function notIdle(realm: string): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', `${realm} has no idle worker for a batch`, {
    retryAfterMs: BATCH_RETRY_MS,
  })
}
