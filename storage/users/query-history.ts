/**
 * The queries of each user, newest first, and the accounting that goes with them: one commit holds the query, its ledger event, the
 * account's new totals and what was used of a peer. The query's id makes it idempotent. Prompt and answer lie in a row of their own,
 * and only when the user keeps history.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Account, foldAccount, MICROS, type UsedEvent } from '../rows/account.ts'
import { accountKey, newestFirst, type QueryKeys, queryKeys, queryPrefix, textKey, type UserRef } from '../rows/keys.ts'
import { foldUsed, LEDGER_PATIENCE_MS, usedReads } from '../rows/ledger.ts'
import type { Transaction, TransactionView } from '../shard/transaction.ts'
import type { TextCipher } from '../store/encryption.ts'
import { prefixEnd } from '../store/shard-store.ts'
import type { UserRecords } from './user-store.ts'

/** Longest kept prompt or answer, in UTF-16 units; beyond it the text is cut and marked as cut. Above every context window in use. */
export const MAX_KEPT_TEXT = 1 << 20

/** Queries that one page of history returns at most. */
export const MAX_HISTORY_PAGE = 1_000

/** A query that ended, as the node reports it. */
export interface FinishedQuery {
  /** The idempotency key: a second record of the same id changes nothing. */
  readonly id: string
  readonly type: string
  readonly realm: string
  /** As the client asked. */
  readonly model: string
  readonly modelServed?: string
  /** Wall clock at the start, milliseconds since the epoch. */
  readonly startedAt: number
  readonly tookMs: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Credits. */
  readonly cost: number
  /** `served`, `cancelled` or the code of the error that ended it. */
  readonly outcome: string
  /** Peer id of the node that served it, when it was another one. */
  readonly peer?: string
  readonly worker?: string
  /** Where the route receipt is found: its id or hash. */
  readonly receipt?: string
  /** Kept only when the user keeps history. */
  readonly prompt?: string
  readonly answer?: string
}

/** A stored query. */
export interface QueryRecord extends Omit<FinishedQuery, 'prompt' | 'answer'> {
  /** Whether prompt and answer were kept. */
  readonly kept: boolean
}

export interface QueryWithText extends QueryRecord {
  readonly prompt?: string
  readonly answer?: string
}

/** The row of a kept text; sealed when the node encrypts. */
interface TextRow {
  readonly sealed: boolean
  readonly text: string
}

interface Texts {
  readonly prompt?: string
  readonly answer?: string
}

export interface QueryHistoryComponents {
  readonly users: UserRecords
  /** Encrypts prompts and answers; absent: they are stored as they are. */
  readonly cipher?: TextCipher
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
}

function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_KEPT_TEXT ? text : `${text.slice(0, MAX_KEPT_TEXT)}\n[cut]`
}

/** What the ledger keeps of a query. */
export function usedEvent(query: FinishedQuery): UsedEvent {
  return {
    kind: 'used',
    at: query.startedAt,
    tookMs: query.tookMs,
    costMicros: Math.round(query.cost * MICROS),
    promptTokens: query.promptTokens,
    completionTokens: query.completionTokens,
    ...(query.peer === undefined ? {} : { peer: query.peer }),
  }
}

/**
 * The query as it is stored; its texts have a row of their own. Written out, because a copy of all but two fields takes several times as
 * long; what is undefined is left out by JSON.
 */
function recordOf(query: FinishedQuery, kept: boolean): Record<keyof QueryRecord, unknown> {
  return {
    id: query.id,
    type: query.type,
    realm: query.realm,
    model: query.model,
    modelServed: query.modelServed,
    startedAt: query.startedAt,
    tookMs: query.tookMs,
    promptTokens: query.promptTokens,
    completionTokens: query.completionTokens,
    cost: query.cost,
    outcome: query.outcome,
    peer: query.peer,
    worker: query.worker,
    receipt: query.receipt,
    kept,
  }
}

export class QueryHistory {
  readonly #users: UserRecords
  readonly #cipher: TextCipher | undefined
  readonly #patienceMs: number
  /** How many records of a user wait for their commit. */
  readonly #waiting = new Map<string, number>()

  constructor(components: QueryHistoryComponents, init: QueryHistoryInit = {}) {
    this.#patienceMs = init.patienceMs ?? LEDGER_PATIENCE_MS
    this.#users = components.users
    this.#cipher = components.cipher
  }

  /**
   * Notes a finished query and charges it. Resolves, once it is safe, with whether it was new. Throws `USER_NOT_FOUND`,
   * `STORAGE_FULL`, `STORAGE_DAMAGED`.
   */
  record(user: UserRef, query: FinishedQuery): Promise<boolean> {
    const charge = new QueryCharge(user, query, { cipher: this.#cipher, patienceMs: this.#patienceMs })
    const ended = (): void => {
      const left = (this.#waiting.get(user.key) ?? 0) - 1
      if (left > 0) this.#waiting.set(user.key, left)
      else this.#waiting.delete(user.key)
    }
    this.#waiting.set(user.key, (this.#waiting.get(user.key) ?? 0) + 1)
    return this.#users.transact(user, charge).then(
      (isNew) => {
        ended()
        if (isNew) this.#users.forget(user)
        return isNew
      },
      (cause: unknown) => {
        ended()
        throw cause
      },
    )
  }

  /** The user's queries, newest first, those included that were recorded a moment ago. */
  async list(user: UserRef, page: HistoryPage = {}): Promise<readonly QueryWithText[]> {
    const limit = Math.min(MAX_HISTORY_PAGE, Math.max(0, page.limit ?? DEFAULT_PAGE))
    if (limit === 0) return []
    // Somebody else's records may wait on: committing them would make every reader wait for the disk.
    if (this.#waiting.has(user.key)) await this.#users.flush(user)
    const prefix = queryPrefix(user.key)
    const gte = page.before === undefined ? prefix : prefix + newestFirst(page.before - 1)
    const rows = await this.#users.range<QueryRecord>(user, { gte, lt: prefixEnd(prefix), limit })
    const records = rows.map(({ value }) => value)
    return page.texts === true ? await this.#withTexts(user, records) : records
  }

  async #withTexts(user: UserRef, records: readonly QueryRecord[]): Promise<readonly QueryWithText[]> {
    const kept = records.filter((record) => record.kept)
    const rows = await this.#users.getMany<TextRow>(
      user,
      kept.map(({ id }) => textKey(user.key, id)),
    )
    const texts = new Map(kept.map(({ id }, index) => [id, this.#texts(user, id, rows[index])]))
    return records.map((record) => ({ ...record, ...texts.get(record.id) }))
  }

  #texts(user: UserRef, id: string, row: TextRow | undefined): Texts {
    if (row === undefined) return {}
    if (!row.sealed) return JSON.parse(row.text) as Texts
    if (this.#cipher === undefined) {
      throw new RealmeshError('KEY_FILE_BAD', 'this history is encrypted and the node was given no key', {
        fix: 'set the key file that it was written with',
      })
    }
    return JSON.parse(this.#cipher.unseal(row.text, textKey(user.key, id))) as Texts
  }
}

const DEFAULT_PAGE = 10

interface QueryChargeInit {
  readonly cipher: TextCipher | undefined
  readonly patienceMs: number
}

/**
 * The record of one query as a change. A node makes one behind every answer, so it does as little as it can then: keys and rows are
 * derived when the batch is computed, where the same code runs for many queries in a row.
 */
class QueryCharge implements Transaction<boolean> {
  readonly #user: UserRef
  readonly #query: FinishedQuery
  readonly #init: QueryChargeInit
  #keys: QueryKeys | undefined

  constructor(user: UserRef, query: FinishedQuery, init: QueryChargeInit) {
    this.#user = user
    this.#query = query
    this.#init = init
  }

  get patienceMs(): number {
    return this.#init.patienceMs
  }

  get reads(): readonly string[] {
    return [this.#rows.event, accountKey(this.#user.key), ...usedReads(this.#query)]
  }

  get #rows(): QueryKeys {
    this.#keys ??= queryKeys(this.#user.key, this.#query.startedAt, this.#query.id)
    return this.#keys
  }

  apply(view: TransactionView): boolean {
    const rows = this.#rows
    const query = this.#query
    const accountRow = accountKey(this.#user.key)
    const account = view.read<Account>(accountRow)
    if (account === undefined) throw new RealmeshError('USER_NOT_FOUND', 'the query belongs to no known user')
    if (view.read(rows.event) !== undefined) return false
    const event = usedEvent(query)
    const kept = account.history && (query.prompt !== undefined || query.answer !== undefined)
    view.create(rows.event, event)
    view.create(rows.query, recordOf(query, kept))
    if (kept) view.create(rows.text, this.#textRow())
    foldUsed(view, event)
    view.write(accountRow, foldAccount(account, event))
    return true
  }

  #textRow(): TextRow {
    const { cipher } = this.#init
    const text = JSON.stringify({ prompt: cut(this.#query.prompt), answer: cut(this.#query.answer) })
    return cipher === undefined ? { sealed: false, text } : { sealed: true, text: cipher.seal(text, this.#rows.text) }
  }
}
