/** The queries that run on one worker: each leaves its mark on the worker's health and rates, and all can be ended at once. */

import type { Query } from '../../core/query/query.ts'
import type { QueryEvent, StartEvent } from '../../core/query/query-event.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import type { ModelTable } from './model-table.ts'
import { observedRun, type RunClosing } from './observed-run.ts'
import { failureKind } from './probe-outcome.ts'
import type { QueryOutcome } from './worker-vitals.ts'

export interface WorkerRunsComponents {
  readonly engine: Pick<Engine, 'run'>
  readonly clock: Clock
  readonly models: ModelTable
  /** A query failed for another reason than that its asker left it. */
  readonly onFailed: (error: unknown) => void
}

/** What a run needs beside the query. */
export interface RunTicket {
  readonly start: StartEvent
  /** Takes how the query ended, for the worker's health; only the first call counts. */
  readonly settle: (outcome: QueryOutcome) => void
}

export class WorkerRuns {
  readonly #components: WorkerRunsComponents
  readonly #running = new Set<LinkedAbort>()

  constructor(components: WorkerRunsComponents) {
    this.#components = components
  }

  /** The engine's run behind a `start` event. `query.model` is already the exact name. */
  run(query: Query, { signal }: RunOptions, { start, settle }: RunTicket): AsyncIterable<QueryEvent> {
    const { engine, clock, models } = this.#components
    let link: LinkedAbort | undefined
    let warm = true
    const begin = (): AsyncIterable<QueryEvent> => {
      warm = models.isWarm(query.model)
      link = linkedAbort(signal)
      this.#running.add(link)
      return engine.run(query, link)
    }
    const onClosed = (closing: RunClosing): void => {
      const aborted = link?.signal.aborted === true
      if (link !== undefined) this.#running.delete(link)
      link?.release()
      if (closing.kind === 'served') {
        settle({ kind: 'served' })
        models.observe({ model: query.model, warm, ...closing.seen })
        models.markWarm(query.model)
      } else if (closing.kind === 'failed' && !aborted) this.#fail(closing.error, settle)
      else settle({ kind: 'neutral' })
    }
    return observedRun({ clock }, { start, begin, onClosed })
  }

  /** Ends all of them. */
  abortAll(reason: Error): void {
    for (const link of this.#running) link.abort(reason)
  }

  #fail(error: unknown, settle: RunTicket['settle']): void {
    settle(failureKind(error) === 'failed' ? { kind: 'failed', error } : { kind: 'neutral' })
    this.#components.onFailed(error)
  }
}
