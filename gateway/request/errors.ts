/** What clients see of an error: one row per code, never a stack and never what an engine or a peer wrote. */

import { BadField } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'

/** OpenAI's coarse kinds of error. */
type ErrorType = 'invalid_request_error' | 'permission_error' | 'rate_limit_error' | 'server_error'

interface ErrorRow {
  readonly status: number
  readonly type: ErrorType
  /** What `error.code` says: OpenAI's word where clients know one, else ours in lower case. */
  readonly code: string
  /**
   * What stands before the cause: words that programs search an error for, as not all of them read the code. LiteLLM,
   * aider by it, and LangChain know a conversation that is too long by OpenAI's own sentence.
   */
  readonly opening?: string
  /** What the caller may do where the error does not say: of refusals by engines and peers only the cause is known. */
  readonly fix?: string
}

const row = (status: number, type: ErrorType, code: string): ErrorRow => ({ status, type, code })
const invalid = (status: number, code: string): ErrorRow => row(status, 'invalid_request_error', code)
const server = (status: number, code: string): ErrorRow => row(status, 'server_error', code)
const denied = (code: string): ErrorRow => row(403, 'permission_error', code)

export const HTTP_ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = {
  BAD_REQUEST: invalid(400, 'bad_request'),
  PROMPT_TOO_LARGE: { ...invalid(413, 'prompt_too_large'), fix: 'send less text, or fewer and smaller pictures' },
  CONTEXT_TOO_LONG: {
    ...invalid(400, 'context_length_exceeded'),
    opening: "This model's maximum context length is exceeded: ",
    fix: 'shorten the conversation, or name a model with a larger window',
  },
  CAPABILITY_MISSING: {
    ...invalid(400, 'capability_missing'),
    fix: 'ask without it, or name a model that can: `realmesh models` lists what each can do',
  },
  MODEL_NOT_FOUND: invalid(404, 'model_not_found'),
  REALM_NOT_FOUND: invalid(404, 'realm_not_found'),
  QUERY_NOT_FOUND: invalid(404, 'query_not_found'),
  FILE_NOT_FOUND: invalid(404, 'file_not_found'),
  BATCH_NOT_FOUND: invalid(404, 'batch_not_found'),
  RESPONSE_NOT_FOUND: invalid(404, 'response_not_found'),
  UNAUTHORIZED: invalid(401, 'invalid_api_key'),
  KEY_REMOVED: invalid(401, 'key_removed'),
  USER_BANNED: denied('user_banned'),
  FORBIDDEN: denied('forbidden'),
  INVITATION_INVALID: invalid(400, 'invitation_invalid'),
  INVITATION_REFUSED: denied('invitation_refused'),
  PAIRING_REFUSED: denied('pairing_refused'),
  PAIRING_FAILED: denied('pairing_failed'),
  TOO_MANY_FAILURES: row(429, 'rate_limit_error', 'too_many_failures'),
  KEY_LIMIT: row(429, 'rate_limit_error', 'key_limit'),
  SCOPE_REFUSED: denied('scope_refused'),
  SHARE_REFUSED: denied('share_refused'),
  CONSENT_NEEDED: denied('consent_needed'),
  NODE_LIMIT: invalid(413, 'node_limit'),
  REALM_OVERLOADED: row(429, 'rate_limit_error', 'rate_limit_exceeded'),
  NO_WORKER: server(503, 'no_worker'),
  DRAINING: server(503, 'draining'),
  PEER_UNREACHABLE: server(502, 'peer_unreachable'),
  PEER_LOST: server(502, 'peer_lost'),
  PROTOCOL_ERROR: server(502, 'protocol_error'),
  ENGINE_BUSY: server(503, 'overloaded'),
  ENGINE_LOADING: server(503, 'engine_loading'),
  ENGINE_FAILED: server(502, 'engine_failed'),
  ENGINE_GARBAGE: server(502, 'engine_garbage'),
  TIMEOUT: server(504, 'timeout'),
  ANSWER_CUT: server(502, 'answer_cut'),
  CANCELLED: invalid(499, 'cancelled'),
  TERMINATED: denied('terminated'),
  STORAGE_FULL: server(507, 'storage_full'),
  STORAGE_DAMAGED: server(500, 'storage_damaged'),
  STORAGE_LOCKED: server(503, 'storage_locked'),
  STORAGE_CLOSED: server(503, 'storage_closed'),
  STORAGE_FAILED: server(500, 'storage_failed'),
  USER_NOT_FOUND: invalid(404, 'user_not_found'),
  NICKNAME_TAKEN: invalid(409, 'nickname_taken'),
  SHARD_NOT_FOUND: invalid(404, 'shard_not_found'),
  BACKUP_INVALID: invalid(400, 'backup_invalid'),
  USAGE: invalid(400, 'usage'),
  CONFIG_INVALID: invalid(400, 'config_invalid'),
  CONFIG_CHANGED: invalid(409, 'config_changed'),
  CONFIG_UNREADABLE: server(500, 'config_unreadable'),
  BAD_MULTIADDR: invalid(400, 'bad_multiaddr'),
  BIND_REFUSED: invalid(400, 'bind_refused'),
  PORT_IN_USE: server(500, 'port_in_use'),
  HOME_LOCKED: server(500, 'home_locked'),
  HOME_UNUSABLE: server(500, 'home_unusable'),
  KEY_FILE_LAX: invalid(400, 'key_file_lax'),
  KEY_FILE_BAD: invalid(400, 'key_file_bad'),
  DAEMON_NOT_RUNNING: server(503, 'daemon_not_running'),
  INTERNAL: server(500, 'internal_error'),
}

export interface HttpRefusalOptions {
  /** Instead of the code's own. */
  readonly status: number
  readonly fix?: string
  /** Told with it, such as what would be accepted. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What only HTTP can be wrong about: a status of its own. */
export class HttpRefusal extends RealmeshError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, { status, fix, headers }: HttpRefusalOptions) {
    super(code, message, defined({ fix }))
    this.status = status
    this.headers = headers ?? {}
  }
}

/** A field that is wrong in a way for which clients know a code of its own. */
export class KnownFault extends BadField {
  /** What `error.code` says. */
  readonly told: string

  constructor(told: string, param: string, message: string, options: { readonly fix?: string } = {}) {
    super(param, message, options)
    this.told = told
  }
}

/** A body with too many bytes, as sent or as decoded. */
export function tooLarge(maxBytes = MAX_REQUEST_BYTES): RealmeshError {
  return new RealmeshError('PROMPT_TOO_LARGE', `the body is larger than ${maxBytes} bytes`, {
    fix: 'send less text or smaller images',
  })
}

/** An error as it goes out, whatever family's body then carries it. */
export interface HttpProblem {
  readonly status: number
  readonly type: ErrorType
  readonly code: string
  /** One line of cause. */
  readonly message: string
  /** One line of fix. */
  readonly fix?: string
  /** The field of the body that is wrong. */
  readonly param?: string
  /** `Retry-After` and its kin. */
  readonly headers: Readonly<Record<string, string>>
}

/** Cause and fix in one line, for programs that show nothing else. */
export function spoken({ message, fix }: Pick<HttpProblem, 'message' | 'fix'>): string {
  return fix === undefined ? message : `${message}. Fix: ${fix}`
}

/** The outward form of an error. Codes without a wait of their own ask for a second: shorter only adds to the load. */
export function toProblem(error: RealmeshError): HttpProblem {
  const { type, code, status: usual, opening = '', fix } = HTTP_ERRORS[error.code]
  const refusal = error instanceof HttpRefusal ? error : undefined
  const status = refusal?.status ?? usual
  return {
    status,
    type,
    code: error instanceof KnownFault ? error.told : code,
    message:
      error.code === 'INTERNAL'
        ? 'something went wrong inside realmesh; its log says more'
        : `${opening}${error.message}`,
    ...defined({ fix: error.fix ?? fix }),
    ...(error instanceof BadField && { param: error.param }),
    headers: { ...retryHeaders(status, error), ...(status === 401 && CHALLENGE), ...refusal?.headers },
  }
}

/** HTTP wants to hear which kind of key is meant. No browser asks its user for one of this kind. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="realmesh"' }

/**
 * Clients such as `openai` retry 429 and 5xx by themselves unless told otherwise: one overload must not become three
 * requests.
 */
function retryHeaders(status: number, error: RealmeshError): Record<string, string> {
  const asked = status !== 429 && status < 500
  const wait = waitHeaders(error.retryAfterMs ?? 1000)
  if (!asked && error.retryable) return { ...wait, 'x-should-retry': 'true' }
  return { ...(status === 429 && error.retryAfterMs !== undefined && wait), 'x-should-retry': 'false' }
}

function waitHeaders(ms: number): Record<string, string> {
  const waitMs = Math.max(0, ms)
  return {
    'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))),
    'retry-after-ms': String(Math.ceil(waitMs)),
  }
}
