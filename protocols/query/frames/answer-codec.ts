/**
 * The frames of an answer, and the failure that the last one may carry: a code that both sides know, one line, no
 * stack. What is private to a node stays there.
 */
import { cleanText } from '../../../core/clean-text.ts'
import { MAX_TOP_LOGPROBS } from '../../../core/query/logprobs.ts'
import { type ErrorCode, isErrorCode, RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import { MAX_ERROR_TEXT_LENGTH, MAX_EVENTS_PER_FRAME, MAX_PEER_RETRY_AFTER_MS } from '../constants.ts'
import { MAX_SOURCES } from './event-encoder.ts'
import { framed } from './framing.ts'
import { MAX_LOGPROBS_PER_EVENT } from './logprobs-codec.ts'
import { Answer, type Failure } from './messages.ts'

/** The number that a refusal of the whole lane carries: queries count from 1. */
export const LANE_REFUSED = 0

const LIMITS = {
  limits: {
    events: MAX_EVENTS_PER_FRAME,
    events$: {
      end: { sources: MAX_SOURCES },
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
 * Codes that mean the same at both ends. All others (storage, configuration, the node's own bugs) stay here.
 */
const CROSSES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'PROMPT_TOO_LARGE',
  'CONTEXT_TOO_LONG',
  'CAPABILITY_MISSING',
  'MODEL_NOT_FOUND',
  'REALM_NOT_FOUND',
  'SCOPE_REFUSED',
  'SHARE_REFUSED',
  'NODE_LIMIT',
  'REALM_OVERLOADED',
  'NO_WORKER',
  'DRAINING',
  'PEER_UNREACHABLE',
  'PEER_LOST',
  'PROTOCOL_ERROR',
  'ENGINE_BUSY',
  'ENGINE_LOADING',
  'ENGINE_FAILED',
  'ENGINE_GARBAGE',
  'TIMEOUT',
  'ANSWER_CUT',
  'CANCELLED',
])

/**
 * What the asker is told of an error. A private error becomes `ENGINE_FAILED` without its text: another node may do
 * better.
 */
export function encodeFailure(thrown: unknown): Failure {
  const error = toRealmeshError(thrown)
  if (!CROSSES.has(error.code)) {
    return { code: 'ENGINE_FAILED', message: 'the node could not serve the query', retryable: true }
  }
  const { code, message, retryable, fix, retryAfterMs } = error
  return {
    code,
    message: cleanText(message, MAX_ERROR_TEXT_LENGTH),
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: boundedWait(retryAfterMs) }),
    ...(fix === undefined ? {} : { fix: cleanText(fix, MAX_ERROR_TEXT_LENGTH) }),
  }
}

/**
 * The peer's failure as an error of ours. A code that is unknown here, or that peers have no say in, becomes
 * `PROTOCOL_ERROR`; only this side can cancel its query, so that a peer which says so has dropped it.
 */
export function decodeFailure(failure: Failure): RealmeshError {
  const { code, retryable, fix, retryAfterMs } = failure
  const text = cleanText(failure.message, MAX_ERROR_TEXT_LENGTH)
  if (!isErrorCode(code) || !CROSSES.has(code)) {
    return new RealmeshError('PROTOCOL_ERROR', `the peer failed in a way that is not known here: ${text}`)
  }
  if (code === 'CANCELLED') return new RealmeshError('PEER_LOST', 'the peer dropped the query')
  return new RealmeshError(code, text || 'the peer gave no reason', {
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: boundedWait(retryAfterMs) }),
    ...(fix === undefined || fix === '' ? {} : { fix: cleanText(fix, MAX_ERROR_TEXT_LENGTH) }),
  })
}

function boundedWait(ms: number): number {
  return ms > 0 ? Math.min(Math.round(ms), MAX_PEER_RETRY_AFTER_MS) : 0
}
