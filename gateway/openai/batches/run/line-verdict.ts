/** What becomes of a line that was not answered: it waits, is tried again, or has failed for good. Pure. */
import { type ErrorCode, RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'

/** Tries of one line that a worker began and failed. */
export const MAX_LINE_TRIES = 5

/**
 * What passes without the line's doing: rigs are busy, off, or kept by their owners; the key has used up its day, or
 * has expired and may be renewed; the disk is full. A model that nobody has now may be on a rig that comes at night:
 * the batch tells what it waits for.
 */
const PASSES: ReadonlySet<ErrorCode> = new Set([
  'REALM_OVERLOADED',
  'NO_WORKER',
  'MODEL_NOT_FOUND',
  'ENGINE_BUSY',
  'ENGINE_LOADING',
  'DRAINING',
  'SHARE_REFUSED',
  'PEER_UNREACHABLE',
  'KEY_LIMIT',
  'UNAUTHORIZED',
  'STORAGE_FULL',
  'STORAGE_CLOSED',
])

export type LineVerdict = 'waits' | 'again' | 'failed'

/** `tries`: how often it has failed so far, this time included. */
export function verdictOf(thrown: unknown, tries: number): LineVerdict {
  const error = cause(toRealmeshError(thrown))
  if (PASSES.has(error.code)) return 'waits'
  return error.retryable && tries < MAX_LINE_TRIES ? 'again' : 'failed'
}

/** An answer that had to give way breaks off; why says more than that it did. */
function cause(error: RealmeshError): RealmeshError {
  return error.code === 'ANSWER_CUT' && error.cause instanceof RealmeshError ? cause(error.cause) : error
}
