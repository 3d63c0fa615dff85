/**
 * What one answer of a peer may cost its asker: bytes and events in all, and events a second. What is too much in all
 * breaks the protocol; what comes too fast is read later, so that the peer is slowed by its own stream.
 */
import { isChat, type Query, type QueryType } from '../../../core/query/query.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import {
  ANSWER_EVENT_BURST,
  ANSWER_EVENTS_PER_SECOND,
  MAX_ANSWER_EVENTS,
  MAX_BLOB_BYTES,
  MAX_DRAWN_BYTES,
  MAX_SPOKEN_BYTES,
  MAX_TEXT_ANSWER_BYTES,
  MAX_VECTOR_BYTES,
} from '../constants.ts'

/** Room beside pictures, vectors and speech: previews of the state, names, the end; for what has neither, all of it. */
const AROUND_BYTES = 16 * 1_024 * 1_024

/** Bytes of frames that the answer to a query may have. */
const ANSWER_BYTES: Readonly<Record<QueryType, (query: Query) => number>> = {
  chat: textBytes,
  vision: textBytes,
  imagine: (query) => {
    const pictures = query.type === 'imagine' ? (query.body.count ?? 1) : 0
    return Math.min(pictures * MAX_BLOB_BYTES, MAX_DRAWN_BYTES) + AROUND_BYTES
  },
  embed: (query) => (query.type === 'embed' ? query.body.inputs.length * MAX_VECTOR_BYTES : 0) + AROUND_BYTES,
  rerank: () => AROUND_BYTES,
  tokens: () => AROUND_BYTES,
  // Words with their times have some four times the bytes of the text beside them.
  transcribe: () => 2 * MAX_TEXT_ANSWER_BYTES,
  speak: () => MAX_SPOKEN_BYTES + AROUND_BYTES,
}

/** With each token of the answer come as many others as were asked for. */
function textBytes(query: Query): number {
  const alternatives = isChat(query) ? (query.body.logprobs ?? -1) + 1 : 0
  return MAX_TEXT_ANSWER_BYTES * (1 + alternatives)
}

export class AnswerMeter {
  readonly #most: number
  readonly #now: () => number
  readonly #startedAt: number
  #bytes = 0
  #events = 0

  /** `now`: monotonic milliseconds. */
  constructor(components: { readonly now: () => number }, init: { readonly query: Query }) {
    const { query } = init
    this.#most = ANSWER_BYTES[query.type](query)
    this.#now = components.now
    this.#startedAt = components.now()
  }

  /** Counts a frame, before it is looked into. Throws `PROTOCOL_ERROR`. */
  frame({ byteLength }: Uint8Array): void {
    this.#bytes += byteLength
    if (this.#bytes > this.#most) throw tooMuch(`more than ${this.#most} bytes`)
  }

  /** Counts the events of a frame; a frame without any is one too. Throws `PROTOCOL_ERROR`. */
  events(count: number): void {
    this.#events += Math.max(1, count)
    if (this.#events > MAX_ANSWER_EVENTS) throw tooMuch(`more than ${MAX_ANSWER_EVENTS} events`)
  }

  /**
   * Milliseconds until the next frame is read; 0: at once. Of the whole time, so that a reader who was slow for a while
   * finds what has gathered.
   */
  get restMs(): number {
    const dueMs = ((this.#events - ANSWER_EVENT_BURST) * 1_000) / ANSWER_EVENTS_PER_SECOND
    return Math.max(0, Math.ceil(dueMs - (this.#now() - this.#startedAt)))
  }
}

function tooMuch(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the peer answered with ${what}`)
}
