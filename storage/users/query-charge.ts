/**
 * The record of one query as a change: the query's row and the account's new totals in one commit. A node makes one
 * behind every answer, so it does as little as it can then: keys and rows are derived when the batch is computed, where
 * the same code runs for many queries in a row.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Account, chargedAccount } from '../rows/account.ts'
import { keyTime, type QueryKeys, queryKeys, type UserRef } from '../rows/keys.ts'
import { type FinishedQuery, hasTexts, queryRow, standInline, storedTexts } from '../rows/query-row.ts'
import type { Probe, Transaction, TransactionView } from '../shard/transaction.ts'
import type { TextCipher } from '../store/encryption.ts'

export interface QueryChargeInit {
  /** Encrypts prompts and answers; absent: they are stored as they are. */
  readonly cipher: TextCipher | undefined
  /** How long the record may wait for company, milliseconds. */
  readonly patienceMs: number
}

/** Resolves with whether the query was new. Throws `USER_NOT_FOUND`. */
export class QueryCharge implements Transaction<boolean>, Probe {
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
    const { account, chosenId } = this.#rows
    return this.#query.idChosen === true ? [account, chosenId] : [account]
  }

  get probe(): Probe {
    return this
  }

  get key(): string {
    return this.#rows.query
  }

  /** The account knows the latest start of all queries that were charged: one that began later is not among them. */
  isMissing(view: Pick<TransactionView, 'read'>): boolean {
    const latest = view.read<Account>(this.#rows.account)?.lastQueryAt
    return latest === undefined || keyTime(this.#query.startedAt) > keyTime(latest)
  }

  apply(view: TransactionView): boolean {
    const rows = this.#rows
    const query = this.#query
    const account = view.read<Account>(rows.account)
    if (account === undefined) throw new RealmeshError('USER_NOT_FOUND', 'the query belongs to no known user')
    if (this.#isCharged(view)) return false
    this.#writeQuery(view, account.history && hasTexts(query))
    if (query.idChosen === true && query.outcome === 'served') view.create(rows.chosenId, { at: query.startedAt })
    view.write(rows.account, chargedAccount(account, query))
    return true
  }

  get #rows(): QueryKeys {
    this.#keys ??= queryKeys(this.#user.key, this.#query.startedAt, this.#query.id)
    return this.#keys
  }

  #isCharged(view: TransactionView): boolean {
    const { query, chosenId } = this.#rows
    return view.read(query) !== undefined || (this.#query.idChosen === true && view.read(chosenId) !== undefined)
  }

  #writeQuery(view: TransactionView, kept: boolean): void {
    const query = this.#query
    const rows = this.#rows
    if (!kept) view.create(rows.query, queryRow(query, false, undefined))
    else if (standInline(query)) {
      view.create(rows.query, queryRow(query, true, storedTexts(query, this.#init.cipher, rows.query)))
    } else {
      view.create(rows.query, queryRow(query, true, undefined))
      // Not `create`: an earlier attempt under the same id may have left its texts here.
      view.write(rows.texts, storedTexts(query, this.#init.cipher, rows.texts))
    }
  }
}
