/**
 * Removes queries and what else is kept that is too old or too many, a user at a time. The account's totals stay: they
 * are what was owed.
 */
import type { Clock } from '../../core/run/clock.ts'
import type { Account } from '../rows/account.ts'
import { newestFirst, queryKeys, queryPrefix, type UserRef } from '../rows/keys.ts'
import { hasOwnTexts, type QueryRow } from '../rows/query-row.ts'
import { rowPages } from '../rows/row-pages.ts'
import type { UserRecords } from '../rows/user-records.ts'
import { prefixEnd } from '../store/shard-store.ts'

export interface RetentionPolicy {
  /** Milliseconds that a query is kept. @default for ever */
  readonly maxAgeMs?: number
  /** Queries kept per user; the oldest go. @default 100000 */
  readonly maxQueries?: number
}

/** Years of daily use; a bound, because a program may ask all day. */
const MAX_QUERIES = 100_000

/** Queries removed in one commit. */
const CHUNK = 300

/** Rows read at once while the newest are counted. */
const PAGE = 1_000

/** Something that is kept of users, each kind within bounds of its own. */
export interface Shelf {
  /** Removes what is too old or too much. Resolves with its number. */
  trim(user: UserRef, policy: ShelfPolicy): Promise<number>
}

/** What may be kept beside the shelf's own bounds. */
export interface ShelfPolicy {
  readonly maxAgeMs?: number | undefined
  readonly maxCount?: number | undefined
  /** Wall clock. */
  readonly now: number
}

export interface RetentionComponents {
  readonly users: UserRecords & { all(): AsyncIterable<Account> }
  /** What is kept beside the history. @default [] */
  readonly shelves?: readonly Shelf[]
  readonly refOf: (guid: string) => UserRef
  readonly clock: Pick<Clock, 'wall'>
}

export class Retention {
  readonly #to: RetentionComponents
  readonly #policy: RetentionPolicy

  constructor(components: RetentionComponents, policy: RetentionPolicy = {}) {
    this.#to = components
    this.#policy = policy
  }

  /**
   * One walk over all users. Resolves with the number of queries, responses, files and batches removed. Stops early,
   * and cleanly, when `signal` aborts.
   */
  async run(signal?: AbortSignal): Promise<number> {
    let removed = 0
    for await (const account of this.#to.users.all()) {
      if (signal?.aborted === true) break
      removed += await this.#trim(account)
    }
    return removed
  }

  /** Applies the policy to one user. */
  async #trim({ guid, queryCount }: Account): Promise<number> {
    const user = this.#to.refOf(guid)
    const { maxAgeMs, maxQueries = MAX_QUERIES } = this.#policy
    const now = this.#to.clock.wall()
    let removed = 0
    for (const shelf of this.#to.shelves ?? []) {
      removed += await shelf.trim(user, { maxAgeMs, maxCount: maxQueries, now })
    }
    if (maxAgeMs !== undefined) {
      const tooOld = queryPrefix(user.key) + newestFirst(now - maxAgeMs - 1)
      removed += await this.#removeFrom(user, tooOld)
    }
    // Most users never asked that often: their rows need not be counted.
    const excess = queryCount <= maxQueries ? undefined : await this.#firstBehind(user, maxQueries)
    return excess === undefined ? removed : removed + (await this.#removeFrom(user, excess))
  }

  /** Key of the first query behind the newest `count`; undefined when there are not that many. */
  async #firstBehind(user: UserRef, count: number): Promise<string | undefined> {
    let left = count
    for await (const page of rowPages<QueryRow>(this.#to.users, user, { prefix: queryPrefix(user.key), size: PAGE })) {
      const first = page[left]
      if (first !== undefined) return first.key
      left -= page.length
    }
    return undefined
  }

  async #removeFrom(user: UserRef, gte: string): Promise<number> {
    let removed = 0
    const lt = prefixEnd(queryPrefix(user.key))
    for (;;) {
      const page = await this.#to.users.range<QueryRow>(user, { gte, lt, limit: CHUNK })
      if (page.length === 0) return removed
      await this.#to.users.transact(user, {
        reads: [],
        apply: (view) => {
          for (const { value } of page) for (const key of rowsOf(user, value)) view.remove(key)
        },
      })
      removed += page.length
    }
  }
}

/** Keys of all rows of a query. */
function rowsOf(user: UserRef, row: QueryRow): readonly string[] {
  const { query, texts, chosenId } = queryKeys(user.key, row.startedAt, row.id)
  return [query, ...(hasOwnTexts(row) ? [texts] : []), ...(row.idChosen === true ? [chosenId] : [])]
}
