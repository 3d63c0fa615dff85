/**
 * What the clients of a test saw, kept outside the nodes under test: which queries were accepted, and how each ended.
 */

/** How one client's answer ended: whole, with an error of a code, or because the client left on purpose. */
export interface Ending {
  /** `done`, `left`, or the error's code as the client read it. */
  readonly kind: string
  readonly text: string
}

export interface JournaledQuery {
  /** Stands in the prompt and nowhere else, so that engines' journals can be matched. */
  readonly mark: string
  /** The whole answer of one unbroken engine. */
  readonly expected: string
  /**
   * From the `x-realmesh-query` header, or the client's own; undefined for a query that was refused before it had one.
   */
  id: string | undefined
  /** How many clients submitted it. */
  readers: number
  readonly endings: Ending[]
}

/** Append-only. */
export class ClientJournal {
  readonly queries = new Map<string, JournaledQuery>()

  /** A client submits; several may submit the same query. */
  submitted(mark: string, expected: string): JournaledQuery {
    const entry = this.queries.get(mark) ?? { mark, expected, id: undefined, readers: 0, endings: [] }
    entry.readers += 1
    this.queries.set(mark, entry)
    return entry
  }

  get size(): number {
    return this.queries.size
  }

  /** How often queries ended in each way. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { endings } of this.queries.values())
      for (const { kind } of endings) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }
}
