/**
 * One query in a realm: a slot, at once or after a wait, and the run of the worker that gave it. Before the first
 * content a failure of one worker is retried on another. The end carries the part that this node served.
 */
import { isBatch, type Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import { type RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Relay, Source } from '../../core/run/relayed-run.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import type { Asker } from '../../core/scope.ts'
import { bringsPictures, cleanPictures } from '../../engines/images/image-input.ts'
import type { WorkerLease } from '../../workers/pool/worker-lease.ts'
import { addServedPart } from '../receipt/served-part.ts'
import type { WaitingQuery } from './queue/waiting-query.ts'
import type { QueryOutcome } from './realm-counters.ts'

/** Own workers that are tried before a failure leaves the realm. */
export const MAX_LOCAL_TRIES = 2

/** How a query runs in a realm of this node. */
export interface RealmRunOptions extends RunOptions {
  readonly asker: Asker
  /** Names of own workers that failed the query. */
  readonly avoidWorkers?: ReadonlySet<string>
}

/** Whose pictures were cleaned where their query began, at this node or at one that is trusted with it. */
const SENDS_CLEAN: Readonly<Record<Asker, boolean>> = { own: true, home: true, friend: false, stranger: false }

/** What a run needs of its realm. */
export interface RealmDoor {
  /** Monotonic milliseconds. */
  now(): number
  /** A query begins; exactly one `leave` follows. Throws `DRAINING` when the realm takes nothing new. */
  enter(): void
  leave(): void
  /** How the query ended, milliseconds after it began. */
  count(outcome: QueryOutcome, tookMs: number): void
  /** A slot that is free now. Throws when waiting would not help. */
  reserve(query: Query, asker: Asker, exclude: ReadonlySet<string>): WorkerLease | undefined
  /** A place in the queue. Throws `REALM_OVERLOADED`. */
  wait(query: Query, options: RealmRunOptions, exclude: ReadonlySet<string>): WaitingQuery
}

export class RealmRun implements Relay {
  readonly #door: RealmDoor
  readonly #query: Query
  readonly #options: RealmRunOptions
  readonly #exclude: Set<string>
  readonly #withPart: (event: QueryEvent) => QueryEvent
  readonly #begunAt: number
  #lease: WorkerLease | undefined
  #waiting: WaitingQuery | undefined
  #tries = 0
  #entered = false
  #content = false
  #counted = false

  constructor(door: RealmDoor, query: Query, options: RealmRunOptions) {
    this.#door = door
    this.#query = query
    this.#options = options
    this.#exclude = new Set(options.avoidWorkers)
    this.#withPart = addServedPart(door.now)
    this.#begunAt = door.now()
  }

  begin(): Source {
    this.#door.enter()
    this.#entered = true
    return this.#reserve() ?? this.#wait()
  }

  onEvent(event: QueryEvent): QueryEvent {
    this.#content ||= isContent(event)
    if (event.kind === 'end') this.#count('processed') // now: readers leave once they have it
    return this.#withPart(event)
  }

  /** The wait is over, or the answer. */
  onDone(): Source | undefined {
    const lease = this.#waiting?.takeLease()
    this.#waiting = undefined
    return lease === undefined ? undefined : this.#runOn(lease)
  }

  onError(thrown: unknown): Source {
    const error = toRealmeshError(thrown, 'ENGINE_FAILED')
    const lease = this.#lease
    this.#lease = undefined
    lease?.release()
    if (lease === undefined || !this.#mayRetry(error)) throw this.#failed(error)
    this.#exclude.add(lease.worker)
    return this.#retry(error)
  }

  onClosed(): void {
    this.#lease?.release()
    this.#waiting?.leave()
    this.#count('cancelled') // counts only when the reader left before the end
    if (this.#entered) this.#door.leave()
  }

  #reserve(): Source | undefined {
    const lease = this.#door.reserve(this.#query, this.#options.asker, this.#exclude)
    return lease === undefined ? undefined : this.#runOn(lease)
  }

  #runOn(lease: WorkerLease): Source {
    this.#lease = lease
    this.#tries += 1
    if (!bringsPictures(this.#query) || SENDS_CLEAN[this.#options.asker]) return lease.run(this.#query, this.#options)
    // Behind the slot, so that no more pictures are decoded at once than queries run.
    return cleanPictures(this.#query).then((clean) => lease.run(clean, this.#options))
  }

  #wait(): Source {
    this.#waiting = this.#door.wait(this.#query, this.#options, this.#exclude)
    return this.#waiting
  }

  /** A window that is too small at one worker says nothing of another. */
  #mayRetry({ retryable, code }: RealmeshError): boolean {
    const elsewhere = retryable || code === 'CONTEXT_TOO_LONG'
    return !this.#content && elsewhere && this.#tries < MAX_LOCAL_TRIES && !this.#options.signal.aborted
  }

  #retry(first: RealmeshError): Source {
    try {
      const run = this.#reserve()
      if (run !== undefined) return run
    } catch {
      throw this.#failed(first) // "no other worker" says less than why the first one failed
    }
    try {
      return this.#wait()
    } catch (thrown) {
      throw this.#failed(toRealmeshError(thrown))
    }
  }

  #failed(error: RealmeshError): RealmeshError {
    // A batch that finds no room, or has to give it up, comes again.
    const gaveWay = isBatch(this.#query) && error.code === 'REALM_OVERLOADED'
    this.#count(error.code === 'CANCELLED' || gaveWay || this.#options.signal.aborted ? 'cancelled' : 'failed')
    return error
  }

  #count(outcome: QueryOutcome): void {
    if (this.#counted) return
    this.#counted = true
    this.#door.count(outcome, this.#door.now() - this.#begunAt)
  }
}
