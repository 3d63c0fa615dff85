/**
 * What a client finds again under a query's id: its answer, when it submits the same again, and its receipt. Ids of
 * different users never meet.
 */

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { userKey } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { SharedAnswer } from './shared-answer.ts'

/** Receipts kept: most have a kilobyte, with all hashes and settings three. */
export const MAX_RECEIPTS = 10_000

/** Answers kept after their end. Text answers are some kilobytes; a retry comes within minutes or never. */
const MAX_ANSWERS = 256
const KEEP_ANSWERS_MS = 10 * 60_000
/** All of them together: pictures are large. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20

/** The word that stands for the last query. */
const LAST = 'last'
/** Shortest beginning of an id that stands for the whole: people copy the first group of it. */
const MIN_ID_START = 4

/** A query by its id. */
export interface QueryKey {
  readonly user: string
  readonly id: string
}

interface KeptAnswer {
  readonly answer: SharedAnswer
  /** Digest of what was asked: prompts are not kept for the comparison. */
  readonly asked: string
}

export class QueriesById {
  readonly #running = new Map<string, KeptAnswer>()
  readonly #ended = new LRUCache<string, KeptAnswer>({
    max: MAX_ANSWERS,
    ttl: KEEP_ANSWERS_MS,
    maxSize: MAX_ANSWER_BYTES,
    sizeCalculation: ({ answer }) => Math.max(1, answer.bytes),
  })
  readonly #receipts = new LRUCache<string, RouteReceipt>({ max: MAX_RECEIPTS })

  /**
   * The answer under this key: the one at hand, else the one that `run` begins. A failed or abandoned answer is not
   * kept: asking again tries again. The same id with anything but `asked` is a mistake of the client, not a retry:
   * throws `BAD_REQUEST`.
   */
  join(query: QueryKey, asked: unknown, run: (signal: CancelSignal) => AsyncIterable<QueryEvent>): SharedAnswer {
    const key = userKey(query.user, query.id)
    const digest = createHash('sha256').update(JSON.stringify(asked)).digest('base64')
    const known = this.#running.get(key) ?? this.#ended.get(key)
    if (known !== undefined && !known.answer.abandoned) {
      if (known.asked === digest) return known.answer
      throw new RealmeshError('BAD_REQUEST', 'this query id already stands for another query', {
        fix: 'use a new id for each query; the same id only to ask the same again',
      })
    }
    const answer = new SharedAnswer(run, () => {
      if (this.#running.get(key) === entry) this.#running.delete(key)
      if (answer.complete) this.#ended.set(key, entry)
    })
    const entry: KeptAnswer = { answer, asked: digest }
    this.#running.set(key, entry)
    return answer
  }

  /** Keeps the receipt of a query of `user` that has ended. */
  keepReceipt(user: string, receipt: RouteReceipt): void {
    this.#receipts.set(userKey(user, receipt.id), receipt)
  }

  /**
   * The receipt when it is this user's; another's is as absent as one that never was. `id` may also be the beginning of
   * one id, and `last` for the query of the user that ended last.
   */
  receipt(query: QueryKey): RouteReceipt | undefined {
    // Looked at without a trace: the order is that in which queries ended.
    const exact = this.#receipts.peek(userKey(query.user, query.id))
    if (exact !== undefined) return exact
    const last = query.id === LAST
    if (!last && query.id.length < MIN_ID_START) return undefined
    const start = userKey(query.user, last ? '' : query.id)
    let found: string | undefined
    for (const key of this.#receipts.keys()) {
      if (!key.startsWith(start)) continue
      if (found !== undefined) return undefined
      found = key
      if (last) break // the newest comes first
    }
    return found === undefined ? undefined : this.#receipts.peek(found)
  }
}
