/** Answers that a client may ask for again by the id it chose: those under way, and the last ones that ended well. */
import { LRUCache } from 'lru-cache'
import type { QueryEvent } from '../core/query-event.ts'
import { SharedAnswer } from './shared-answer.ts'

/** Answers kept after their end. Text answers are some kilobytes; a retry comes within minutes or never. */
const MAX_KEPT = 256
const KEEP_MS = 10 * 60_000

export class AnswerBook {
  readonly #running = new Map<string, SharedAnswer>()
  readonly #ended = new LRUCache<string, SharedAnswer>({ max: MAX_KEPT, ttl: KEEP_MS })

  /** The answer under this key: the one at hand, else the one that `run` begins. A failed answer is not kept: asking again tries again. */
  join(key: string, run: (signal: AbortSignal) => AsyncIterable<QueryEvent>): SharedAnswer {
    const known = this.#running.get(key) ?? this.#ended.get(key)
    if (known !== undefined) return known
    const answer: SharedAnswer = new SharedAnswer(run, () => {
      this.#running.delete(key)
      if (answer.complete) this.#ended.set(key, answer)
    })
    this.#running.set(key, answer)
    return answer
  }
}
