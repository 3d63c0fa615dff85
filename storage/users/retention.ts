/** Removes queries that are too old or too many, a user at a time. Accounts and ledger totals stay: they are what was owed. */
import type { Clock } from '../../core/run/clock.ts'
import type { Account } from '../rows/account.ts'
import { eventKey, newestFirst, queryKey, queryPrefix, textKey, type UserRef } from '../rows/keys.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'
import type { QueryRecord } from './query-history.ts'
import type { UserRecords } from './user-store.ts'

export interface RetentionPolicy {
  /** Milliseconds that a query is kept. @default for ever */
  readonly maxAgeMs?: number
  /** Queries kept per user; the oldest go. @default 100000 */
  readonly maxQueries?: number
}

/** Years of daily use; a bound, because a program may ask all day. */
const MAX_QUERIES = 100_000

/**
 * How long a query's ledger event stays at least: it is also what makes a second record of the same id harmless, so it outlives every
 * retry of a client.
 */
const EVENT_AGE_MS = 30 * 24 * 3_600_000

/** Queries removed in one commit. */
const CHUNK = 300

export interface RetentionComponents {
  readonly users: UserRecords & { all(): AsyncIterable<Account> }
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

  /** One walk over all users. Resolves with the number of queries removed. Stops early, and cleanly, when `signal` aborts. */
  async run(signal?: AbortSignal): Promise<number> {
    let removed = 0
    for await (const { guid } of this.#to.users.all()) {
      if (signal?.aborted === true) break
      removed += await this.trim(this.#to.refOf(guid))
    }
    return removed
  }

  /** Applies the policy to one user. */
  async trim(user: UserRef): Promise<number> {
    let removed = 0
    const { maxAgeMs } = this.#policy
    const prefix = queryPrefix(user.key)
    if (maxAgeMs !== undefined) {
      removed += await this.#removeFrom(user, prefix + newestFirst(this.#to.clock.wall() - maxAgeMs - 1))
    }
    const excess = await this.#firstExcess(user)
    return excess === undefined ? removed : removed + (await this.#removeFrom(user, excess))
  }

  /** Key of the first query behind the newest `maxQueries`; undefined when there are not that many. */
  async #firstExcess(user: UserRef): Promise<string | undefined> {
    let left = this.#policy.maxQueries ?? MAX_QUERIES
    const lt = prefixEnd(queryPrefix(user.key))
    for (let gte = queryPrefix(user.key); ; ) {
      const page = await this.#to.users.range<QueryRecord>(user, { gte, lt, limit: 1_000 })
      const first = page[left]
      if (first !== undefined) return first.key
      const last = page.at(-1)
      if (last === undefined || page.length < 1_000) return undefined
      left -= page.length
      gte = keyAfter(last.key)
    }
  }

  async #removeFrom(user: UserRef, gte: string): Promise<number> {
    let removed = 0
    const lt = prefixEnd(queryPrefix(user.key))
    const forgetBefore = this.#to.clock.wall() - EVENT_AGE_MS
    for (;;) {
      const page = await this.#to.users.range<QueryRecord>(user, { gte, lt, limit: CHUNK })
      if (page.length === 0) return removed
      await this.#to.users.transact(user, {
        reads: [],
        apply: (view) => {
          for (const { value } of page) {
            view.remove(queryKey(user.key, value.startedAt, value.id))
            if (value.kept) view.remove(textKey(user.key, value.id))
            if (value.startedAt < forgetBefore) view.remove(eventKey(user.key, value.id))
          }
        },
      })
      removed += page.length
    }
  }
}
