/**
 * The one error class and the closed table of its codes. Code branches on `code`, never on the text. Where an error
 * leaves the process (HTTP, wire, exit status) a table beside that edge translates the code; the stack stays here.
 */

interface ErrorRow {
  /** Whether the same query may succeed at another worker or node right now. */
  readonly retryable: boolean
}

const yes: ErrorRow = { retryable: true }
const no: ErrorRow = { retryable: false }

/** One row per code, so that the compiler finds the missing one. Codes are stable: clients and scripts rely on them. */
export const ERROR_CODES = {
  // The request itself
  BAD_REQUEST: no,
  PROMPT_TOO_LARGE: no,
  CONTEXT_TOO_LONG: no,
  CAPABILITY_MISSING: no,
  MODEL_NOT_FOUND: no,
  REALM_NOT_FOUND: no,
  QUERY_NOT_FOUND: no,
  FILE_NOT_FOUND: no,
  BATCH_NOT_FOUND: no,
  RESPONSE_NOT_FOUND: no,
  UNAUTHORIZED: no,
  KEY_REMOVED: no,
  USER_BANNED: no,
  FORBIDDEN: no,
  INVITATION_INVALID: no,
  INVITATION_REFUSED: no,
  PAIRING_REFUSED: no,
  PAIRING_FAILED: no,
  TOO_MANY_FAILURES: no,
  KEY_LIMIT: no, // no other node knows the key
  // Which node may ask which
  SCOPE_REFUSED: no,
  SHARE_REFUSED: yes, // another node may share with us
  CONSENT_NEEDED: no,
  // Capacity and life of nodes
  NODE_LIMIT: yes, // another node may take more
  REALM_OVERLOADED: yes,
  NO_WORKER: yes,
  DRAINING: yes,
  PEER_UNREACHABLE: yes,
  PEER_LOST: yes,
  PROTOCOL_ERROR: yes,
  ENGINE_BUSY: yes,
  ENGINE_LOADING: yes,
  ENGINE_FAILED: yes,
  ENGINE_GARBAGE: yes,
  TIMEOUT: yes,
  ANSWER_CUT: no,
  CANCELLED: no,
  TERMINATED: no,
  // The user's data
  STORAGE_FULL: no,
  STORAGE_DAMAGED: no,
  STORAGE_LOCKED: no,
  STORAGE_CLOSED: no,
  STORAGE_FAILED: no,
  USER_NOT_FOUND: no,
  NICKNAME_TAKEN: no,
  SHARD_NOT_FOUND: no,
  BACKUP_INVALID: no,
  // The operator's side
  USAGE: no,
  CONFIG_INVALID: no,
  CONFIG_CHANGED: no, // the file is another than the one in force
  CONFIG_UNREADABLE: no,
  BAD_MULTIADDR: no,
  BIND_REFUSED: no,
  PORT_IN_USE: no,
  HOME_LOCKED: no,
  HOME_UNUSABLE: no,
  KEY_FILE_LAX: no,
  KEY_FILE_BAD: no,
  DAEMON_NOT_RUNNING: no,
  INTERNAL: no,
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERROR_CODES

/** What an error may carry beside its code and its cause. */
export interface RealmeshErrorOptions extends ErrorOptions {
  /** One line that tells the reader what to do about it. */
  fix?: string
  /** How long to wait before asking again, in milliseconds, where the refusing side knows it. */
  retryAfterMs?: number
  /** Overrides the code's own answer to "may another worker succeed?". */
  retryable?: boolean
}

/** An error with a stable code, one line of cause (`message`) and, where there is one, one line of fix. */
export class RealmeshError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly fix: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: RealmeshErrorOptions = {}) {
    super(message, options)
    this.name = 'RealmeshError'
    this.code = code
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable
    this.fix = options.fix
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Whether `text` is one of the codes: used where a code arrives from outside. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(ERROR_CODES, text)
}

/**
 * Any thrown value as a RealmeshError; an abort becomes `CANCELLED`, what is unknown becomes `code` with the cause
 * kept.
 */
export function toRealmeshError(thrown: unknown, code: ErrorCode = 'INTERNAL'): RealmeshError {
  if (thrown instanceof RealmeshError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new RealmeshError('CANCELLED', 'the query was cancelled', { cause: thrown })
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new RealmeshError(code, message, { cause: thrown })
}
