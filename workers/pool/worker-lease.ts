/** A slot of a worker while a query has it. */
import type { Priority } from '../../core/query/query.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import type { Candidate } from './realm-candidates.ts'

/** One slot of one worker, held for one query. */
export interface WorkerLease {
  readonly worker: string
  /** Kind of the engine. */
  readonly engine: string
  /** The exact name that the engine uses. */
  readonly model: string
  /** Yields `start` first, then the engine's events. What it shows of the worker's health and speed is noted. */
  readonly run: RunQuery
  /** Gives the slot back; calling it again changes nothing. */
  release(): void
}

export interface LeaseInit {
  /** The peer id of this node: its `start` event names it. */
  readonly node: string
  /** The worker's `lastChosen` from now on. */
  readonly turn: number
  /** The query's. */
  readonly priority: Priority | undefined
}

/** Takes a slot of the candidate, which must have one. */
export function leased({ worker, model }: Candidate, { node, turn, priority }: LeaseInit): WorkerLease {
  const hold = worker.take(model, node, turn, priority)
  return {
    worker: worker.name,
    engine: worker.engine.kind,
    model: model.name,
    run: hold.run,
    release: () => hold.release(),
  }
}
