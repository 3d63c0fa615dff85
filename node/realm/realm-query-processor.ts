/**
 * The seed's RealmQueryProcessor: runs a realm's queries on its workers, as many at once as there are free slots, and keeps the rest
 * in a bounded queue. Refuses at the door when one more would wait too long. Its result is the iterable that `run` returns.
 */

import { isAutoModel, sameModel } from '../../core/model/model-name.ts'
import type { Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent, type QueuedEvent } from '../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { RunOptions, RunQuery } from '../../core/run/run-query.ts'
import type { Asker } from '../../core/scope.ts'
import { ADMISSION_BOUNDS, type AdmissionBounds, admit, estimateWaitMs, type RealmLoad } from './admission.ts'
import { RealmCounters } from './realm-counters.ts'
import { type QueueEntry, RealmQueue } from './realm-queue.ts'

/** Own workers that are tried before a failure leaves the realm. */
export const MAX_LOCAL_TRIES = 2

/** A waiting client hears of its place this often, when it changed. */
const POSITION_EVERY_MS = 1_000

/** One slot of one worker, held for one query. */
export interface Lease {
  readonly worker: string
  readonly model: string
  readonly run: RunQuery
  release(): void
}

/** What the processor needs of the realm's worker manager. */
export interface RealmWorkers {
  /** A free slot that fits; undefined when all that fit are busy. Throws when waiting would not help. */
  reserve(query: Query, options: { readonly asker: Asker; readonly exclude: ReadonlySet<string> }): Lease | undefined
  /** What the workers that fit and serve the asker can do, for the estimate at the door. */
  capacity(query: Query, asker: Asker): Omit<RealmLoad, 'queued'>
  /** Calls back whenever a slot may have become free. Returns how to stop that. */
  onSlotFree(listener: () => void): () => void
}

export interface RealmQueryProcessorComponents {
  readonly workers: RealmWorkers
  readonly clock: Clock
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

/** How a query runs in a realm of this node. */
export interface RealmRunOptions extends RunOptions {
  readonly asker: Asker
  /** Names of own workers that failed the query. */
  readonly avoidWorkers?: ReadonlySet<string>
}

interface Ticket extends QueueEntry {
  readonly query: Query
  readonly exclude: ReadonlySet<string>
  lease?: Lease
  error?: RealmeshError
  /** Wakes the waiting run. */
  wake: () => void
}

export class RealmQueryProcessor {
  readonly realm: string
  readonly counters: RealmCounters
  readonly #workers: RealmWorkers
  readonly #clock: Clock
  readonly #init: RealmQueryProcessorInit
  readonly #bounds: AdmissionBounds
  readonly #queue = new RealmQueue<Ticket>()
  readonly #unsubscribe: () => void
  #running = 0
  #tickets = 0
  #draining = false

  constructor(components: RealmQueryProcessorComponents, init: RealmQueryProcessorInit) {
    this.realm = init.realm
    this.counters = new RealmCounters(components.clock)
    this.#workers = components.workers
    this.#clock = components.clock
    this.#init = init
    this.#bounds = { ...ADMISSION_BOUNDS, ownMs: init.maxWaitMs }
    this.#unsubscribe = components.workers.onSlotFree(() => {
      this.#pump()
    })
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#queue.size
  }

  /** How many wait for each model, by the name they asked for. */
  queuedByModel(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { query } of this.#queue.inOrder(this.#clock.monotonic())) {
      counts.set(query.model, (counts.get(query.model) ?? 0) + 1)
    }
    return counts
  }

  /** Estimated wait of one more query like this, were it accepted. */
  estimateWaitMs(query: Query, asker: Asker): number {
    return estimateWaitMs({ ...this.#workers.capacity(query, asker), queued: this.#ahead(query) })
  }

  /** How many wait for the same model, or for any. */
  #ahead(query: Query): number {
    if (this.#queue.size === 0 || isAutoModel(query.model)) return this.#queue.size
    let ahead = 0
    for (const { query: other } of this.#queue.inOrder(this.#clock.monotonic())) {
      if (isAutoModel(other.model) || sameModel(other.model, query.model)) ahead += 1
    }
    return ahead
  }

  /** Takes no new queries from now on; what was accepted goes on. */
  drain(): void {
    this.#draining = true
  }

  /** Ends the subscription and everything that waits. */
  close(): void {
    this.drain()
    this.#unsubscribe()
    for (const ticket of [...this.#queue.inOrder(this.#clock.monotonic())]) {
      this.#queue.remove(ticket)
      ticket.error = new RealmeshError('DRAINING', 'the node stops')
      ticket.wake()
    }
  }

  /** Runs one query here. Before the first content a failure of one worker is retried on another of the realm. */
  async *run(query: Query, options: RealmRunOptions): AsyncGenerator<QueryEvent> {
    const exclude = new Set(options.avoidWorkers)
    const done = this.counters.begin()
    let failed: RealmeshError | undefined
    try {
      for (let tries = 1; ; tries += 1) {
        const lease = this.#atOnce(query, exclude, options, failed) ?? (yield* this.#afterWait(query, exclude, options))
        let begun = false
        try {
          for await (const event of lease.run(query, options)) {
            begun ||= isContent(event)
            if (event.kind === 'end') done('processed') // now: readers leave once they have it
            yield event
          }
          return
        } catch (thrown) {
          failed = toRealmeshError(thrown, 'ENGINE_FAILED')
          if (begun || !failed.retryable || tries >= MAX_LOCAL_TRIES || options.signal.aborted) throw failed
          exclude.add(lease.worker)
        } finally {
          lease.release()
        }
      }
    } catch (thrown) {
      const error = toRealmeshError(thrown)
      done(error.code === 'CANCELLED' || options.signal.aborted ? 'cancelled' : 'failed')
      throw error
    } finally {
      done('cancelled') // counts only when the consumer left early; a second call changes nothing
    }
  }

  /** A slot that is free now. Throws when waiting would not help. */
  #atOnce(
    query: Query,
    exclude: ReadonlySet<string>,
    options: RealmRunOptions,
    failed: RealmeshError | undefined,
  ): Lease | undefined {
    if (this.#draining) throw new RealmeshError('DRAINING', 'this node takes no new queries: it is about to stop')
    try {
      return this.#hasRoom() ? this.#reserve(query, options.asker, exclude) : undefined
    } catch (thrown) {
      throw failed ?? thrown // "no other worker" says less than why the first one failed
    }
  }

  /** A slot after waiting in the queue, with word of the place in it. */
  async *#afterWait(
    query: Query,
    exclude: ReadonlySet<string>,
    options: RealmRunOptions,
  ): AsyncGenerator<QueuedEvent, Lease> {
    this.#refuseWhenFull(query, options.asker)
    return yield* this.#wait(this.#enqueue(query, options.asker, exclude), options.signal)
  }

  /** A slot that counts as running until it is released. */
  #reserve(query: Query, asker: Asker, exclude: ReadonlySet<string>): Lease | undefined {
    const lease = this.#workers.reserve(query, { asker, exclude })
    if (lease === undefined) return undefined
    this.#running += 1
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      this.#running -= 1
      lease.release()
      this.#pump()
    }
    return { worker: lease.worker, model: lease.model, run: lease.run, release }
  }

  #hasRoom(): boolean {
    return this.#init.concurrency === undefined || this.#running < this.#init.concurrency
  }

  #refuseWhenFull(query: Query, asker: Asker): void {
    const load = { ...this.#workers.capacity(query, asker), queued: this.#ahead(query) }
    const verdict = admit(asker, load, this.#init.maxLength, this.#bounds)
    if (verdict.admitted) return
    const seconds = Math.round(verdict.estimatedWaitMs / 1_000)
    throw new RealmeshError(
      'REALM_OVERLOADED',
      `${this.realm} is full: ${load.queued} wait, about ${seconds} s for one more`,
      {
        retryAfterMs: verdict.retryAfterMs,
      },
    )
  }

  #enqueue(query: Query, asker: Asker, exclude: ReadonlySet<string>): Ticket {
    this.#tickets += 1
    const ticket: Ticket = {
      id: String(this.#tickets),
      asker,
      flow: `${query.origin ?? ''} ${query.user}`,
      enqueuedAt: this.#clock.monotonic(),
      query,
      exclude,
      wake: () => {},
    }
    this.#queue.add(ticket)
    return ticket
  }

  async *#wait(ticket: Ticket, signal: CancelSignal): AsyncGenerator<QueuedEvent, Lease> {
    const onAbort = (): void => {
      ticket.error ??= toRealmeshError(signal.reason, 'CANCELLED')
      ticket.wake()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    let told = 0
    let taken = false
    try {
      for (;;) {
        if (ticket.error !== undefined) throw ticket.error
        if (ticket.lease !== undefined) {
          taken = true
          return ticket.lease
        }
        const position = this.#positionOf(ticket)
        if (position !== told) {
          told = position
          yield { kind: 'queued', position, estimatedWaitMs: this.#estimateAt(ticket, position) }
          continue // what happened during the yield counts first
        }
        await this.#wokenOrTick(ticket)
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#queue.remove(ticket)
      if (!taken) ticket.lease?.release()
    }
  }

  async #wokenOrTick(ticket: Ticket): Promise<void> {
    let cancelTick = (): void => {}
    await new Promise<void>((resolve) => {
      ticket.wake = resolve
      cancelTick = this.#clock.after(POSITION_EVERY_MS, resolve)
    })
    cancelTick()
    ticket.wake = () => {}
  }

  #positionOf(ticket: Ticket): number {
    let position = 0
    for (const other of this.#queue.inOrder(this.#clock.monotonic())) {
      position += 1
      if (other === ticket) return position
    }
    return position
  }

  #estimateAt({ query, asker }: Ticket, position: number): number {
    return Math.round(estimateWaitMs({ ...this.#workers.capacity(query, asker), queued: position - 1 }))
  }

  /** Gives free slots to those who wait, in order of turn. */
  #pump(): void {
    const now = this.#clock.monotonic()
    while (this.#queue.size > 0 && this.#hasRoom()) {
      const busyModels = new Set<string>()
      const next = this.#queue.take(now, (ticket) => this.#grant(ticket, busyModels))
      if (next === undefined) return
      next.wake()
    }
  }

  /** Whether the ticket is settled: it has a slot now, or waiting no longer helps. */
  #grant(ticket: Ticket, busyModels: Set<string>): boolean {
    const { query, asker, exclude } = ticket
    const kind = `${asker} ${query.type} ${query.model}`
    if (busyModels.has(kind)) return false
    try {
      const lease = this.#reserve(query, asker, exclude)
      if (lease !== undefined) ticket.lease = lease
      else if (exclude.size === 0 && !isAutoModel(query.model)) busyModels.add(kind)
      return lease !== undefined
    } catch (thrown) {
      ticket.error = toRealmeshError(thrown)
      return true
    }
  }
}
