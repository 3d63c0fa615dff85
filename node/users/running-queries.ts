/** The own queries that run now: who asked, since when, and how to end them. */
import type { Query } from '../../core/query/query.ts'
import type { RealmeshError } from '../../core/realmesh-error.ts'

/** A query while it runs, as it enters itself. */
export interface RunningEntry {
  readonly query: Query
  /** Wall clock when it was accepted, milliseconds since the epoch. */
  readonly since: number
  /** The node whose worker has it; undefined while it waits. */
  readonly servedBy: string | undefined
  /** Ends it with this error. */
  end(reason: RealmeshError): void
}

export class RunningQueries {
  /** In the order in which they began. */
  readonly #entries = new Set<RunningEntry>()

  add(entry: RunningEntry): void {
    this.#entries.add(entry)
  }

  remove(entry: RunningEntry): void {
    this.#entries.delete(entry)
  }

  /** The oldest first. */
  all(): Iterable<RunningEntry> {
    return this.#entries
  }

  /** Ends all that fit and returns how many there were, by their users. */
  end(fits: (query: Query) => boolean, reason: RealmeshError): ReadonlyMap<string, number> {
    const ended = new Map<string, number>()
    // Taken first: one that ends may remove itself, and its client may ask again.
    for (const entry of [...this.#entries].filter(({ query }) => fits(query))) {
      entry.end(reason)
      ended.set(entry.query.user, (ended.get(entry.query.user) ?? 0) + 1)
    }
    return ended
  }
}
