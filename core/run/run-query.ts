import type { Path } from '../net/path.ts'
import type { Query } from '../query/query.ts'
import type { QueryEvent } from '../query/query-event.ts'
import type { CancelSignal } from './cancel-signal.ts'

/** `signal` aborts the query all the way down to the engine. */
export interface RunOptions {
  readonly signal: CancelSignal
  /** Told by which way the query goes to another node, with the round trip of that way, milliseconds. */
  readonly onPath?: (path: Path, rttMs: number) => void
}

/**
 * The type of every box on a query's path. Events come back by `yield` and end with exactly one `end`, or the iteration
 * throws a RealmeshError. Leaving the loop early cancels what is below; an unfinished `await` of the consumer is the
 * back-pressure.
 */
export type RunQuery = (query: Query, options: RunOptions) => AsyncIterable<QueryEvent>
