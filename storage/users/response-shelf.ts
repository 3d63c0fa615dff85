/**
 * Answers that a user may come back to: of each a text of the gateway's making, which nothing here looks into, and a
 * small row that lists it by its time. Of one that still comes a row says so, and each piece that came since has a row
 * of its own, so that a crash takes nothing of it. Only for users who keep history.
 */
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Account } from '../rows/account.ts'
import { accountKey, newestFirst, type ResponseKeys, responseKeys, responsePrefix, type UserRef } from '../rows/keys.ts'
import { rowPages } from '../rows/row-pages.ts'
import type { UserRecords } from '../rows/user-records.ts'
import type { TransactionView } from '../shard/transaction.ts'
import type { TextCipher } from '../store/encryption.ts'
import { KeptWords, type WordsRow } from './kept-words.ts'
import type { Shelf, ShelfPolicy } from './retention.ts'
import { beginRun, type RunningAnswer, RunningAnswers, removeRun } from './running-answers.ts'

/** Longest text of one, in UTF-16 units: a conversation with a few pictures. A longer one is refused. */
export const MAX_RESPONSE_TEXT = 4 * 1024 * 1024

/** Kept for a user; the oldest go. A conversation of a day has some hundred. */
export const MAX_KEPT_RESPONSES = 1_000

/** How long one is kept at most, milliseconds: 30 days, as OpenAI does. */
export const MAX_RESPONSE_AGE_MS = 30 * 24 * 3_600_000

/** How long one that is written behind its answer may wait for company, milliseconds; as the accounts do. */
const PATIENCE_MS = 2_000

/** Rows of the list read or removed at once. */
const PAGE = 500

export interface KeptResponse {
  readonly id: string
  /** Wall clock when it was first kept, milliseconds since the epoch. */
  readonly at: number
  readonly text: string
  /** Of one that still comes. */
  readonly running?: RunningAnswer
}

export interface ShelvingOptions {
  /** The commit may wait for company. @default false */
  readonly behind?: boolean
  /** Peer id of the node that goes on to write it, with `append`. @default none: it has ended */
  readonly runsAt?: string
}

/** The row with the text. */
interface ResponseRow extends WordsRow {
  readonly id: string
  readonly at: number
}

/** The row in the list. */
interface ListedResponse {
  readonly id: string
}

export interface ResponseShelfComponents {
  readonly users: UserRecords
  /** Encrypts the texts; absent: they are stored as they are. */
  readonly cipher?: TextCipher
}

export class ResponseShelf implements Shelf {
  /** What comes of those whose answer still comes. */
  readonly running: RunningAnswers
  readonly #users: UserRecords
  readonly #words: KeptWords
  /** What waits for its commit, by user and id. */
  readonly #waiting = new Map<string, KeptResponse>()

  constructor({ users, cipher }: ResponseShelfComponents) {
    this.#users = users
    this.#words = new KeptWords(cipher)
    this.running = new RunningAnswers({ users, words: this.#words })
  }

  /**
   * Keeps a response, or replaces it with all of its pieces. Resolves, once it is safe, with whether the user keeps
   * any. `find` knows it at once. Throws `USER_NOT_FOUND`, `PROMPT_TOO_LARGE`, `STORAGE_FULL`, `STORAGE_DAMAGED`.
   */
  async keep(
    user: UserRef,
    response: KeptResponse,
    { behind = false, runsAt }: ShelvingOptions = {},
  ): Promise<boolean> {
    if (response.text.length > MAX_RESPONSE_TEXT) {
      throw new RealmeshError('PROMPT_TOO_LARGE', 'the response is too long to be kept', { fix: 'send store: false' })
    }
    const rows = responseKeys(user.key, response.id)
    const account = accountKey(user.key)
    this.#waiting.set(rows.body, response)
    try {
      return await this.#users.transact(user, {
        reads: [account, rows.body, rows.running],
        ...(behind && { patienceMs: PATIENCE_MS }),
        apply: (view) => {
          const owner = view.read<Account>(account)
          if (owner === undefined) throw new RealmeshError('USER_NOT_FOUND', 'the response belongs to no known user')
          removeRun(view, rows)
          if (!owner.history) return false
          this.#write(view, rows, response)
          if (runsAt !== undefined) beginRun(view, rows, { id: response.id, by: runsAt })
          return true
        },
      })
    } finally {
      if (this.#waiting.get(rows.body) === response) this.#waiting.delete(rows.body)
    }
  }

  /** The response, also one that waits for its commit. */
  async find(user: UserRef, id: string): Promise<KeptResponse | undefined> {
    const rows = responseKeys(user.key, id)
    const waiting = this.#waiting.get(rows.body)
    if (waiting !== undefined) return waiting
    const [row] = await this.#users.getMany<ResponseRow>(user, [rows.body])
    if (row === undefined) return undefined
    const running = await this.running.find(user, rows)
    return { ...this.#opened(row, rows.body), ...defined({ running }) }
  }

  /** Resolves, once it is gone, with whether there was one. */
  async remove(user: UserRef, id: string): Promise<boolean> {
    const rows = responseKeys(user.key, id)
    this.#waiting.delete(rows.body)
    return await this.#users.transact(user, {
      reads: [rows.body, rows.running],
      apply: (view) => {
        const row = view.read<ResponseRow>(rows.body)
        if (row === undefined) return false
        removeRun(view, rows)
        view.remove(rows.listed(row.at))
        view.remove(rows.body)
        return true
      },
    })
  }

  /** All responses of the user, newest first, page by page. Call `flush` of the users before. */
  async *all(user: UserRef): AsyncGenerator<readonly KeptResponse[]> {
    for await (const page of this.#listed(user, responsePrefix(user.key))) {
      const bodies = page.map(({ value }) => responseKeys(user.key, value.id).body)
      const rows = await this.#users.getMany<ResponseRow>(user, bodies)
      yield rows.flatMap((row, at) => (row === undefined ? [] : [this.#opened(row, bodies[at] ?? '')]))
    }
  }

  /** Removes those that are too old or too many. Resolves with their number. */
  async trim(user: UserRef, { maxAgeMs, maxCount, now }: ShelfPolicy): Promise<number> {
    const age = Math.min(maxAgeMs ?? MAX_RESPONSE_AGE_MS, MAX_RESPONSE_AGE_MS)
    const count = Math.min(maxCount ?? MAX_KEPT_RESPONSES, MAX_KEPT_RESPONSES)
    const tooOld = responsePrefix(user.key) + newestFirst(now - age - 1)
    let seen = 0
    let removed = 0
    for await (const page of this.#listed(user, responsePrefix(user.key))) {
      const gone = page.filter(({ key }, at) => seen + at >= count || key >= tooOld)
      seen += page.length
      removed += gone.length
      if (gone.length > 0) {
        const rows = gone.map(({ value }) => responseKeys(user.key, value.id))
        await this.#users.transact(user, {
          reads: rows.map(({ running }) => running),
          apply: (view) => {
            for (const { key } of gone) view.remove(key)
            for (const each of rows) {
              removeRun(view, each)
              view.remove(each.body)
            }
          },
        })
      }
    }
    return removed
  }

  #listed(user: UserRef, from: string) {
    return rowPages<ListedResponse>(this.#users, user, { prefix: responsePrefix(user.key), from, size: PAGE })
  }

  #write(view: TransactionView, rows: ResponseKeys, { id, at, text }: KeptResponse): void {
    const before = view.read<ResponseRow>(rows.body)
    const since = before?.at ?? at
    if (before === undefined) view.write(rows.listed(since), { id } satisfies ListedResponse)
    view.write(rows.body, { id, at: since, ...this.#words.sealed(text, rows.body) } satisfies ResponseRow)
  }

  #opened({ id, at, ...words }: ResponseRow, place: string): KeptResponse {
    return { id, at, text: this.#words.read(words, place) }
  }
}
