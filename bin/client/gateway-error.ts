/** What the gateway says is wrong, as the error that it was before it became HTTP. */
import { defined } from '../../core/defined.ts'
import { type ErrorCode, isErrorCode, RealmeshError } from '../../core/realmesh-error.ts'

interface ErrorMembers {
  readonly message?: unknown
  readonly code?: unknown
  readonly fix?: unknown
}

/** OpenAI's shape has the members within `error`; under `/api` that is the text, and they stand beside it. */
interface ReplyBody extends ErrorMembers {
  readonly error?: ErrorMembers | string
}

/** The gateway's error body, in either of its shapes, as the error that it was. */
export function refusal(status: number, text: string): RealmeshError {
  return errorOf(parse(text), status)
}

/** The same for a body that is parsed already, such as an error within a stream. */
export function errorOf(body: unknown, status: number): RealmeshError {
  const reply = (typeof body === 'object' && body !== null ? body : {}) as ReplyBody
  const error = typeof reply.error === 'string' ? { ...reply, message: reply.error } : reply.error
  const code = String(error?.code ?? '').toUpperCase()
  const text = typeof error?.message === 'string' ? error.message : `the daemon answered with status ${status}`
  const [message = text, told] = text.split(FIX_IN_MESSAGE)
  const known = isErrorCode(code) ? code : (OPENAI_CODES[code] ?? STATUS_CODES[status] ?? 'INTERNAL')
  const fix = typeof error?.fix === 'string' ? error.fix : told
  return new RealmeshError(known, message, defined({ fix }))
}

/** The gateway puts the fix into the message as well, for clients that show nothing else. */
const FIX_IN_MESSAGE = '. Fix: '

/** Where the gateway says OpenAI's word instead of ours. */
const OPENAI_CODES: Readonly<Record<string, ErrorCode>> = {
  CONTEXT_LENGTH_EXCEEDED: 'CONTEXT_TOO_LONG',
  INVALID_API_KEY: 'UNAUTHORIZED',
  RATE_LIMIT_EXCEEDED: 'REALM_OVERLOADED',
  OVERLOADED: 'ENGINE_BUSY',
}

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'QUERY_NOT_FOUND',
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not our gateway's words; the status still tells something.
  }
}
