/**
 * The queries that run on one worker: each leaves its mark on the worker's health and rates, and all can be ended at
 * once.
 */

import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import { isBatch, type Query } from '../../core/query/query.ts'
import { type EndEvent, isContent, type QueryEvent, type StartEvent } from '../../core/query/query-event.ts'
import type { ComputedBy, SamplingValues } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import { type Relay, relayedRun, type Source } from '../../core/run/relayed-run.ts'
import type { RunOptions, RunQuery } from '../../core/run/run-query.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import type { ModelTable } from './model-table.ts'
import { failureKind } from './probe-outcome.ts'
import type { RunOutcome } from './worker-vitals.ts'

export interface WorkerRunsComponents {
  readonly engine: Pick<Engine, 'run'>
  readonly clock: Clock
  readonly models: Pick<ModelTable, 'isWarm' | 'markWarm' | 'observe'>
  /** A query failed for another reason than that its asker left it. */
  readonly onFailed: (error: unknown) => void
}

/** What a run needs beside the query. */
export interface RunTicket {
  /** The model that runs. */
  readonly model: Model
  readonly start: StartEvent
  /** Takes how the query ended, for the worker's health; only the first call counts. */
  readonly settle: (outcome: RunOutcome) => void
}

/** A slot that is held for one query. */
export interface WorkerHold {
  readonly run: RunQuery
  /** Gives the slot back; calling it again changes nothing. */
  release(): void
}

export class WorkerRuns {
  readonly #components: WorkerRunsComponents
  readonly #running = new Set<LinkedAbort>()
  /** Of these, the queries of batches that were not told to give way, the oldest first. */
  readonly #batch = new Set<LinkedAbort>()

  constructor(components: WorkerRunsComponents) {
    this.#components = components
  }

  /**
   * `start` first, a word of a model that is not in memory, then the engine's own events, unchanged. `query.model` is
   * already the exact name.
   */
  run(query: Query, { signal }: RunOptions, ticket: RunTicket): AsyncIterable<QueryEvent> {
    const among = isBatch(query) ? [this.#running, this.#batch] : [this.#running]
    return relayedRun(new WorkerRun(this.#components, among, query, signal, ticket))
  }

  /** Ends the newest query of a batch with `REALM_OVERLOADED`. Returns whether there was one. */
  endNewestBatch(): boolean {
    const newest = [...this.#batch].at(-1)
    if (newest === undefined) return false
    this.#batch.delete(newest)
    newest.abort(new RealmeshError('REALM_OVERLOADED', 'the slot was needed for a query whose answer is waited for'))
    return true
  }

  /** Ends all of them. */
  abortAll(reason: Error): void {
    for (const link of this.#running) link.abort(reason)
  }
}

/**
 * One run of the engine; while it goes by it is timed, and its end or failure is told at once: readers leave when they
 * have the end.
 */
class WorkerRun implements Relay {
  readonly first: StartEvent
  readonly #components: WorkerRunsComponents
  /** Where it stands as long as it runs. */
  readonly #among: readonly Set<LinkedAbort>[]
  readonly #query: Query
  readonly #signal: CancelSignal
  readonly #settle: RunTicket['settle']
  readonly #model: Model
  #link: LinkedAbort | undefined
  #warm = true
  #asked = false
  #begunAt = 0
  #firstAt: number | undefined
  #images = 0
  #over = false

  constructor(
    components: WorkerRunsComponents,
    among: readonly Set<LinkedAbort>[],
    query: Query,
    signal: CancelSignal,
    { model, start, settle }: RunTicket,
  ) {
    this.first = start
    this.#components = components
    this.#among = among
    this.#query = query
    this.#signal = signal
    this.#settle = settle
    this.#model = model
  }

  begin(): AsyncIterable<QueryEvent> {
    const { clock, models } = this.#components
    this.#begunAt = clock.monotonic()
    this.#warm = models.isWarm(this.#query.model)
    const link = linkedAbort(this.#signal)
    this.#link = link
    for (const set of this.#among) set.add(link)
    return this.#warm ? this.#ask(link) : this.#loading()
  }

  #ask(link: LinkedAbort): AsyncIterable<QueryEvent> {
    this.#asked = true
    return this.#components.engine.run(this.#query, link)
  }

  /** Engines that tell which models are in memory tell nothing while they load one. Behind it the engine is asked. */
  async *#loading(): AsyncGenerator<QueryEvent> {
    yield { kind: 'progress', fraction: 0, note: `${this.first.engine} loads the model` }
  }

  onEvent(event: QueryEvent): QueryEvent {
    if (event.kind === 'end') {
      this.#served(event)
      return { ...event, by: computedBy(this.#model, event) }
    }
    if (this.#firstAt === undefined && isContent(event)) this.#firstAt = this.#components.clock.monotonic()
    if (event.kind === 'image') this.#images += 1
    return event
  }

  onDone(): Source | undefined {
    if (!this.#asked && this.#link !== undefined) return this.#ask(this.#link)
    if (!this.#over) throw new RealmeshError('ENGINE_GARBAGE', 'the engine stopped without an end')
    return undefined
  }

  onError(error: unknown): never {
    if (!this.#over && this.#link?.signal.aborted !== true) {
      this.#settle(failureKind(error) === 'failed' ? { kind: 'failed', error } : { kind: 'neutral' })
      this.#components.onFailed(error)
    }
    throw error
  }

  onClosed(): void {
    if (this.#link !== undefined) {
      for (const set of this.#among) set.delete(this.#link)
      this.#link.release()
    }
    this.#settle({ kind: 'neutral' }) // counts only for a run that was left, or ended by us
  }

  #served(end: EndEvent): void {
    if (this.#over) return
    this.#over = true
    const { clock, models } = this.#components
    const now = clock.monotonic()
    this.#settle({ kind: 'served' })
    if (this.#query.type === 'tokens') return // nothing was computed: it says nothing of how fast the model is
    models.observe({
      model: this.#query.model,
      warm: this.#warm,
      firstMs: (this.#firstAt ?? now) - this.#begunAt,
      totalMs: now - this.#begunAt,
      images: this.#images,
      end,
    })
    models.markWarm(this.#query.model)
  }
}

/** By what the answer was computed, as far as the engine tells. */
function computedBy({ digest, template, quantization, defaults }: Model, { by }: EndEvent): ComputedBy {
  return defined({ digest, template, quantization, sent: by?.sent, defaults: without(defaults, by?.sent) })
}

/** What the engine takes for that which was not sent. */
function without(defaults: SamplingValues | undefined, sent: SamplingValues = {}): SamplingValues | undefined {
  if (defaults === undefined) return undefined
  const left: Record<string, number | boolean | string> = {}
  for (const name in defaults) {
    const value = defaults[name]
    if (value !== undefined && sent[name] === undefined) left[name] = value
  }
  return left
}
