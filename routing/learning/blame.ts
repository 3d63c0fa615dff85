/** What a failed try speaks of: one row per error code, so that a new code must be judged. */
import type { ErrorCode } from '../../core/realmesh-error.ts'
import type { SendOutcome } from './evidence.ts'

/**
 * What an outcome says: of the whole peer, of this model there, of the peer's load, of its door, of the request, or
 * nothing at all. `request` is only the peer's word: it costs the peer nothing until another place serves the query.
 */
export type Blame = 'peer' | 'model' | 'load' | 'door' | 'request' | 'none'

const BLAME: Readonly<Record<ErrorCode, Blame>> = {
  BAD_REQUEST: 'request',
  PROMPT_TOO_LARGE: 'request',
  CONTEXT_TOO_LONG: 'request',
  CAPABILITY_MISSING: 'door', // its card said otherwise
  MODEL_NOT_FOUND: 'door',
  REALM_NOT_FOUND: 'door',
  QUERY_NOT_FOUND: 'none',
  FILE_NOT_FOUND: 'none',
  BATCH_NOT_FOUND: 'none',
  RESPONSE_NOT_FOUND: 'none',
  UNAUTHORIZED: 'door',
  KEY_REMOVED: 'none',
  USER_BANNED: 'none',
  INVITATION_INVALID: 'none',
  INVITATION_REFUSED: 'none',
  PAIRING_REFUSED: 'none',
  PAIRING_FAILED: 'none',
  FORBIDDEN: 'door',
  TOO_MANY_FAILURES: 'none',
  KEY_LIMIT: 'none',
  SCOPE_REFUSED: 'door',
  SHARE_REFUSED: 'door',
  CONSENT_NEEDED: 'none',
  NODE_LIMIT: 'none', // its owner's, and told
  REALM_OVERLOADED: 'load',
  NO_WORKER: 'door',
  DRAINING: 'door',
  PEER_UNREACHABLE: 'peer',
  PEER_LOST: 'peer',
  PROTOCOL_ERROR: 'peer',
  ENGINE_BUSY: 'load',
  ENGINE_LOADING: 'load',
  ENGINE_FAILED: 'model',
  ENGINE_GARBAGE: 'model',
  TIMEOUT: 'peer',
  ANSWER_CUT: 'peer',
  CANCELLED: 'none',
  TERMINATED: 'none',
  STORAGE_FULL: 'model',
  STORAGE_DAMAGED: 'model',
  STORAGE_LOCKED: 'model',
  STORAGE_CLOSED: 'model',
  STORAGE_FAILED: 'model',
  USER_NOT_FOUND: 'none',
  NICKNAME_TAKEN: 'none',
  SHARD_NOT_FOUND: 'none',
  BACKUP_INVALID: 'none',
  USAGE: 'none',
  CONFIG_INVALID: 'none',
  CONFIG_CHANGED: 'none',
  CONFIG_UNREADABLE: 'none',
  BAD_MULTIADDR: 'peer',
  BIND_REFUSED: 'none',
  PORT_IN_USE: 'none',
  HOME_LOCKED: 'none',
  HOME_UNUSABLE: 'none',
  KEY_FILE_LAX: 'none',
  KEY_FILE_BAD: 'none',
  DAEMON_NOT_RUNNING: 'none',
  INTERNAL: 'model',
}

/** Whether a failure with this code says that the request itself is wrong. */
export function blamesRequest(code: ErrorCode): boolean {
  return BLAME[code] === 'request'
}

/** What the outcome speaks of. Failures without a code are the peer's. */
export function blameOf(outcome: SendOutcome): Blame {
  if (outcome.ok) return 'none'
  return outcome.code === undefined ? 'peer' : BLAME[outcome.code]
}
