/**
 * The frames of an answer, and the failure that the last one may carry: a code that both sides know, one line, no
 * stack. What is private to a node stays there.
 */
import { MAX_TOP_LOGPROBS } from '../../../core/query/logprobs.ts'
import { isErrorCode, RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import { MAX_EVENTS_PER_FRAME, MAX_PEER_RETRY_AFTER_MS } from '../constants.ts'
import { MAX_SOURCES } from './event-encoder.ts'
import { crosses, failureText } from './failure-text.ts'
import { framed } from './framing.ts'
import { MAX_TOKENS_PER_EVENT, MAX_WORDS_PER_EVENT } from './listed-codec.ts'
import { MAX_LOGPROBS_PER_EVENT } from './logprobs-codec.ts'
import { Answer, type Failure } from './messages.ts'

/** The number that a refusal of the whole lane carries: queries count from 1. */
export const LANE_REFUSED = 0

const LIMITS = {
  limits: {
    events: MAX_EVENTS_PER_FRAME,
    events$: {
      end: { sources: MAX_SOURCES },
      tokenList: { ids: MAX_TOKENS_PER_EVENT, pieces: MAX_TOKENS_PER_EVENT },
      segment: { words: MAX_WORDS_PER_EVENT },
      logprobs: { tokens: MAX_LOGPROBS_PER_EVENT, tokens$: { top: MAX_TOP_LOGPROBS } },
    },
  },
}

/** A frame with its length before it. */
export function encodeAnswer(answer: Partial<Answer>): Uint8Array {
  return framed(Answer.encode(answer))
}

/** Throws `PROTOCOL_ERROR`. */
export function decodeAnswer(frame: Uint8Array): Answer {
  try {
    return Answer.decode(frame, LIMITS)
  } catch (cause) {
    throw new RealmeshError('PROTOCOL_ERROR', 'a frame of the answer is malformed', { cause })
  }
}

/**
 * What the asker is told of an error: its code, and what failure-text.ts lets through. A private error becomes
 * `ENGINE_FAILED`: another node may do better.
 */
export function encodeFailure(thrown: unknown): Failure {
  const { code, message, retryable, retryAfterMs } = toRealmeshError(thrown)
  if (!crosses(code)) return { code: 'ENGINE_FAILED', message: failureText('ENGINE_FAILED', ''), retryable: true }
  return {
    code,
    message: failureText(code, message),
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: boundedWait(retryAfterMs) }),
  }
}

/**
 * The peer's failure as an error of ours. A code that is unknown here, or that peers have no say in, becomes
 * `PROTOCOL_ERROR`; only this side can cancel its query, so that a peer which says so has dropped it.
 */
export function decodeFailure({ code, message, retryable, retryAfterMs }: Failure): RealmeshError {
  if (!isErrorCode(code) || !crosses(code)) {
    return new RealmeshError('PROTOCOL_ERROR', 'the peer failed in a way that is not known here')
  }
  if (code === 'CANCELLED') return new RealmeshError('PEER_LOST', failureText(code, message))
  return new RealmeshError(code, failureText(code, message), {
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: boundedWait(retryAfterMs) }),
  })
}

function boundedWait(ms: number): number {
  return ms > 0 ? Math.min(Math.round(ms), MAX_PEER_RETRY_AFTER_MS) : 0
}
