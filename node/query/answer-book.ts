/** Answers that a client may ask for again by the id it chose: those under way, and the last ones that ended well. */

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { SharedAnswer } from './shared-answer.ts'

/** Answers kept after their end. Text answers are some kilobytes; a retry comes within minutes or never. */
const MAX_KEPT = 256
const KEEP_MS = 10 * 60_000
/** All of them together: pictures are large. */
const MAX_KEPT_BYTES = 64 * 2 ** 20

/** Which answer is meant. */
export interface AnswerKey {
  /** Whose id it is: ids of different users never meet. */
  readonly user: string
  readonly id: string
  /** What was asked. The same id with anything else here is a mistake of the client, not a retry. */
  readonly asked: unknown
}

interface Entry {
  readonly answer: SharedAnswer
  /** Digest of what was asked: prompts are not kept for the comparison. */
  readonly asked: string
}

export class AnswerBook {
  readonly #running = new Map<string, Entry>()
  readonly #ended = new LRUCache<string, Entry>({
    max: MAX_KEPT,
    ttl: KEEP_MS,
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ answer }) => Math.max(1, answer.bytes),
  })

  /**
   * The answer under this key: the one at hand, else the one that `run` begins. A failed or abandoned answer is not kept: asking
   * again tries again. Throws `BAD_REQUEST` when the id stands for another question.
   */
  join({ user, id, asked }: AnswerKey, run: (signal: CancelSignal) => AsyncIterable<QueryEvent>): SharedAnswer {
    const key = `${user}\n${id}`
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
    const entry: Entry = { answer, asked: digest }
    this.#running.set(key, entry)
    return answer
  }
}
