/** The queries of each user, newest first: noted behind the answer in batches, read page by page. */
import { newestFirst, queryKeys, queryPrefix, type UserRef } from '../rows/keys.ts'
import {
  type FinishedQuery,
  hasOwnTexts,
  openedTexts,
  type QueryRow,
  type QueryTexts,
  type QueryWithText,
  queryRecord,
  type StoredTexts,
} from '../rows/query-row.ts'
import { rowPages } from '../rows/row-pages.ts'
import type { UserRecords } from '../rows/user-records.ts'
import type { TextCipher } from '../store/encryption.ts'
import { prefixEnd } from '../store/shard-store.ts'
import { QueryCharge } from './query-charge.ts'

/** Queries that one page of history returns at most. */
export const MAX_HISTORY_PAGE = 1_000

const DEFAULT_PAGE = 10

/** Rows that are read for a page of queries that ended in one way: a user whose queries all fail has many of others. */
const MAX_LOOKED_THROUGH = 10_000
const LOOKED_AT_ONCE = 100

/**
 * Accounting is written behind the answer, so it may wait longer for company than a person does. A commit costs as much
 * CPU as fifty records (two syncs); two seconds make that small at a hundred queries per second and four shards. It is
 * also what a power cut may take of what was not yet acknowledged. Reads of history do not wait.
 */
export const ACCOUNTING_PATIENCE_MS = 2_000

export interface QueryHistoryComponents {
  readonly users: UserRecords
  /** Encrypts prompts and answers; absent: they are stored as they are. */
  readonly cipher?: TextCipher
  /** Told of each query that is safe and was not recorded before. */
  readonly onRecorded?: (query: FinishedQuery) => void
}

export interface QueryHistoryInit {
  /** How long the record of a query may wait for company before it is committed, milliseconds. @default 2000 */
  readonly patienceMs?: number
}

export interface HistoryPage {
  /** Queries at most. @default 10 */
  readonly limit?: number
  /** Only queries that started before this time, milliseconds since the epoch. */
  readonly before?: number
  /** Whether prompts and answers come along. @default false */
  readonly texts?: boolean
  /** Only queries that ended so. @default however they ended */
  readonly outcome?: string
}

export class QueryHistory {
  readonly #users: UserRecords
  readonly #cipher: TextCipher | undefined
  readonly #onRecorded: (query: FinishedQuery) => void
  readonly #patienceMs: number
  /** How many records of a user wait for their commit. */
  readonly #waiting = new Map<string, number>()

  constructor(components: QueryHistoryComponents, init: QueryHistoryInit = {}) {
    this.#patienceMs = init.patienceMs ?? ACCOUNTING_PATIENCE_MS
    this.#users = components.users
    this.#cipher = components.cipher
    this.#onRecorded = components.onRecorded ?? (() => {})
  }

  /**
   * Notes a finished query and charges it. Resolves, once it is safe, with whether it was new. Throws `USER_NOT_FOUND`,
   * `STORAGE_FULL`, `STORAGE_DAMAGED`.
   */
  record(user: UserRef, query: FinishedQuery): Promise<boolean> {
    const charge = new QueryCharge(user, query, { cipher: this.#cipher, patienceMs: this.#patienceMs })
    this.#waiting.set(user.key, (this.#waiting.get(user.key) ?? 0) + 1)
    return this.#users.transact(user, charge).then(
      (isNew) => {
        this.#recorded(user)
        if (isNew) {
          this.#users.forget(user)
          this.#onRecorded(query)
        }
        return isNew
      },
      (cause: unknown) => {
        this.#recorded(user)
        throw cause
      },
    )
  }

  /** Resolves when what was recorded of the user is safe. The records of other users may wait on. */
  async settled(user: UserRef): Promise<void> {
    if (this.#waiting.has(user.key)) await this.#users.flush(user)
  }

  #recorded({ key }: UserRef): void {
    const left = (this.#waiting.get(key) ?? 0) - 1
    if (left > 0) this.#waiting.set(key, left)
    else this.#waiting.delete(key)
  }

  /** The user's queries, newest first, those included that were recorded a moment ago. */
  async list(user: UserRef, page: HistoryPage = {}): Promise<readonly QueryWithText[]> {
    const limit = Math.min(MAX_HISTORY_PAGE, Math.max(0, page.limit ?? DEFAULT_PAGE))
    if (limit === 0) return []
    await this.settled(user)
    const prefix = queryPrefix(user.key)
    const gte = page.before === undefined ? prefix : prefix + newestFirst(page.before - 1)
    const { outcome, texts } = page
    const rows =
      outcome === undefined
        ? (await this.#users.range<QueryRow>(user, { gte, lt: prefixEnd(prefix), limit })).map(({ value }) => value)
        : await this.#rowsThatEnded(user, gte, outcome, limit)
    return texts === true ? await this.#withTexts(user, rows) : rows.map(queryRecord)
  }

  /** Looks through `MAX_LOOKED_THROUGH` rows at most. */
  async #rowsThatEnded(user: UserRef, from: string, outcome: string, limit: number): Promise<readonly QueryRow[]> {
    const found: QueryRow[] = []
    let looked = 0
    const rows = { prefix: queryPrefix(user.key), from, size: Math.max(limit, LOOKED_AT_ONCE) }
    for await (const page of rowPages<QueryRow>(this.#users, user, rows)) {
      found.push(...page.map(({ value }) => value).filter((row) => row.outcome === outcome))
      looked += page.length
      if (found.length >= limit || looked >= MAX_LOOKED_THROUGH) break
    }
    return found.slice(0, limit)
  }

  /** All queries of the user with their texts, newest first, page by page. */
  async *all(user: UserRef, pageSize = MAX_HISTORY_PAGE): AsyncGenerator<readonly QueryWithText[]> {
    await this.settled(user)
    const rows = { prefix: queryPrefix(user.key), size: pageSize }
    for await (const page of rowPages<QueryRow>(this.#users, user, rows)) {
      yield await this.#withTexts(
        user,
        page.map(({ value }) => value),
      )
    }
  }

  async #withTexts(user: UserRef, rows: readonly QueryRow[]): Promise<readonly QueryWithText[]> {
    const apart = rows.filter(hasOwnTexts)
    const found = await this.#users.getMany<StoredTexts>(
      user,
      apart.map(({ startedAt, id }) => queryKeys(user.key, startedAt, id).texts),
    )
    const texts = new Map(apart.map((row, at) => [row, found[at]]))
    return rows.map((row) => ({ ...queryRecord(row), ...this.#textsOf(user, row, row.texts ?? texts.get(row)) }))
  }

  #textsOf(user: UserRef, row: QueryRow, stored: StoredTexts | undefined): QueryTexts {
    if (stored === undefined) return {}
    const { query, texts } = queryKeys(user.key, row.startedAt, row.id)
    return openedTexts(stored, this.#cipher, hasOwnTexts(row) ? texts : query)
  }
}
