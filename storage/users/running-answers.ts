/**
 * Responses whose answer still comes: a row says so, and each piece that came since the text was written has a row of
 * its own, so that a crash takes nothing of it and no text is written again for every few words.
 */
import { type ResponseKeys, responseKeys, runningPrefix, type UserRef } from '../rows/keys.ts'
import type { UserRecords } from '../rows/user-records.ts'
import type { TransactionView } from '../shard/transaction.ts'
import { prefixEnd } from '../store/shard-store.ts'
import type { KeptWords, WordsRow } from './kept-words.ts'

/** How long a piece waits for company, milliseconds: those that read the answer wait as long for its words. */
export const PIECE_PATIENCE_MS = 100

/** Pieces of one answer; by then its text is to be written anew, or removing them all would be a long commit. */
export const MAX_PIECES = 256

/** Running responses of a user that are found again: twice as many as a gateway lets run. */
const MAX_UNFINISHED = 64

/** What is known of an answer that still comes beside its text. */
export interface RunningAnswer {
  /** The node that writes it, by peer id. */
  readonly by: string
  /** What came since the text was written, in order. */
  readonly pieces: readonly string[]
}

interface RunningRow {
  readonly id: string
  readonly by: string
  readonly pieces: number
}

export interface RunningAnswersComponents {
  readonly users: UserRecords
  readonly words: KeptWords
}

export class RunningAnswers {
  readonly #users: UserRecords
  readonly #words: KeptWords

  constructor({ users, words }: RunningAnswersComponents) {
    this.#users = users
    this.#words = words
  }

  /**
   * Keeps what `piece` returns. It is called when the commit begins, which waits for company, and again where that must
   * be repeated. Resolves, once it is safe, with whether the answer still comes and has room. Throws `STORAGE_FULL`,
   * `STORAGE_DAMAGED`.
   */
  async append(user: UserRef, id: string, piece: () => string): Promise<boolean> {
    const rows = responseKeys(user.key, id)
    return await this.#users.transact(user, {
      reads: [rows.running],
      patienceMs: PIECE_PATIENCE_MS,
      apply: (view) => {
        const run = view.read<RunningRow>(rows.running)
        if (run === undefined || run.pieces === MAX_PIECES) return false
        const place = rows.piece(run.pieces)
        view.create(place, this.#words.sealed(piece(), place))
        view.write(rows.running, { ...run, pieces: run.pieces + 1 } satisfies RunningRow)
        return true
      },
    })
  }

  /** What came of the response with these rows; undefined where it has ended. */
  async find(user: UserRef, rows: ResponseKeys): Promise<RunningAnswer | undefined> {
    const [run] = await this.#users.getMany<RunningRow>(user, [rows.running])
    if (run === undefined) return undefined
    const places = Array.from({ length: run.pieces }, (_, index) => rows.piece(index))
    const words = await this.#users.getMany<WordsRow>(user, places)
    const pieces: string[] = []
    for (const [index, row] of words.entries()) {
      if (row === undefined) break // its text is written anew just now
      pieces.push(this.#words.read(row, places[index] ?? ''))
    }
    return { by: run.by, pieces }
  }

  /** Ids of those that `node` wrote. */
  async unfinished(user: UserRef, node: string): Promise<readonly string[]> {
    const prefix = runningPrefix(user.key)
    const page = { gte: prefix, lt: prefixEnd(prefix), limit: MAX_UNFINISHED }
    const rows = await this.#users.range<RunningRow>(user, page)
    return rows.filter(({ value }) => value.by === node).map(({ value }) => value.id)
  }
}

/** Notes that the answer of the response with these rows comes. `by`: the node that writes it. */
export function beginRun(view: TransactionView, rows: ResponseKeys, run: { readonly id: string; readonly by: string }) {
  view.write(rows.running, { ...run, pieces: 0 } satisfies RunningRow)
}

/** Removes that note and what came. The transaction reads `rows.running`. */
export function removeRun(view: TransactionView, rows: ResponseKeys): void {
  const run = view.read<RunningRow>(rows.running)
  if (run === undefined) return
  for (let index = 0; index < run.pieces; index += 1) view.remove(rows.piece(index))
  view.remove(rows.running)
}
