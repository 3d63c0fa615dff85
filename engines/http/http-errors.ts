/** What an engine's refusals mean to us. An engine's own words are shortened and cleaned before anyone reads them. */

import { cleanText } from '../../core/clean-text.ts'
import { defined } from '../../core/defined.ts'
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { codeOf } from '../../core/thrown.ts'

/** Longest piece of an engine's own error text that is passed on, in characters: enough for its first sentence. */
export const MAX_ENGINE_MESSAGE_LENGTH = 200

/** Longest pause that an engine may ask for and be believed. */
const MAX_RETRY_AFTER_MS = 10 * 60_000

interface StatusRow {
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly fix?: string
}

/** Statuses with one meaning, whatever the body says. */
const BY_STATUS: Readonly<Record<number, StatusRow>> = {
  401: { code: 'ENGINE_FAILED', retryable: false, fix: 'give the engine its key: see engines/README.md' },
  402: { code: 'ENGINE_FAILED', retryable: false, fix: 'the account of the cloud engine has no credit' },
  403: { code: 'ENGINE_FAILED', retryable: false, fix: 'check the key and the rights of the engine' },
  407: { code: 'ENGINE_FAILED', retryable: false, fix: 'a proxy in front of the engine wants a password' },
  408: { code: 'ENGINE_FAILED' },
  413: { code: 'PROMPT_TOO_LARGE' },
  424: { code: 'ENGINE_FAILED' }, // TGI: the computation failed
  425: { code: 'ENGINE_BUSY' },
  429: { code: 'ENGINE_BUSY' },
  503: { code: 'ENGINE_BUSY' },
  529: { code: 'ENGINE_BUSY' }, // Anthropic: overloaded
}

/** What engines that load their model answer to everything. */
const LOADING = /\bloading( the)? model\b|\bmodel\b.*\bloading\b/i

/**
 * What the words of a refusal mean, the first that fits. `also5xx`: engines say it with a status of their own fault
 * too, although the request is to blame; of the others only a status of the request's fault is believed.
 */
const BY_TEXT: readonly (StatusRow & { readonly words: RegExp; readonly also5xx?: true })[] = [
  {
    code: 'CONTEXT_TOO_LONG',
    words:
      /context (length|size|window)|maximum context|max_model_len|exceeds? .*context|(prompt|input) (is )?too (long|large)|input length|too many tokens|exceed_context|too large to process/i,
    also5xx: true,
  },
  // Servers that hear say it with whatever status.
  {
    code: 'BAD_REQUEST',
    words: /(decode|read|load|invalid|unsupported)\b.{0,24}\baudio|audio.{0,24}\b(decode|decoding|invalid|corrupt)/i,
    also5xx: true,
  },
  // Another node may still have a model that is gone here.
  {
    code: 'MODEL_NOT_FOUND',
    retryable: true,
    words:
      /model.*(not found|does not exist|not exist|unknown|no such)|(unknown|no such|invalid) model|model_not_found/i,
  },
  {
    code: 'CAPABILITY_MISSING',
    words:
      /(image|audio|video) input is not supported|(does not|doesn't) support (image|vision|audio|tool|embedding)|multimodal|mmproj|start it with `?--(embedding|jinja|mmproj)|requires? --|tool-call-parser/i,
    also5xx: true,
  },
  {
    code: 'CAPABILITY_MISSING',
    words: /does not support|not supported|unsupported|not implemented|incompatible with/i,
  },
  {
    code: 'BAD_REQUEST',
    words:
      /roles? must alternate|\$ref|(parse|convert|invalid|unsupported) .*(schema|grammar)|(schema|grammar) .*(invalid|failed|unsupported)|chat template|jinja|invalid_request_error/i,
    also5xx: true,
  },
]

/**
 * Removes control characters and cuts the text, so that an engine's words are safe in a log, a terminal and a reply.
 */
export function sanitizeEngineText(text: string): string {
  const clean = cleanText(text)
  return clean.length > MAX_ENGINE_MESSAGE_LENGTH ? `${clean.slice(0, MAX_ENGINE_MESSAGE_LENGTH - 1)}…` : clean
}

/** Errors within errors that are looked into: no server wraps its reason more often. */
const MAX_ERROR_DEPTH = 8

/** The sentence inside an error body, whichever of the known shapes it has; cleaned. Empty when there is none. */
export function engineErrorText(body: unknown, depth = 0): string {
  if (typeof body === 'string') return sanitizeEngineText(body)
  if (typeof body !== 'object' || body === null || depth > MAX_ERROR_DEPTH) return ''
  if (Array.isArray(body)) return engineErrorText(body[0], depth + 1) // FastAPI's list of what is wrong
  const { error, error_message: other, message, detail, errors, msg } = body as Record<string, unknown>
  for (const candidate of [error, other, message, detail, errors, msg]) {
    const text = engineErrorText(candidate, depth + 1)
    if (text !== '') return text
  }
  return ''
}

/** `Retry-After` (seconds or a date) or `retry-after-ms` in milliseconds; undefined when absent or senseless. */
export function retryAfterMs(headers: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const exact = Number(headers['retry-after-ms'])
  if (headers['retry-after-ms'] !== undefined && exact >= 0) return Math.min(exact, MAX_RETRY_AFTER_MS)
  const value = headers['retry-after']
  if (typeof value !== 'string' || value === '') return undefined
  const seconds = Number(value)
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS)
}

/** A status without a row of its own: the words decide, and without any the status. */
function byText(status: number, text: string): StatusRow {
  const asked = status >= 400 && status < 500
  const row = BY_TEXT.find(({ words, also5xx }) => (asked || also5xx === true) && words.test(text))
  if (row !== undefined) return row
  // The engine has no such page: what was asked for is not among what it can do.
  if (status === 404 || status === 405 || status === 501) return { code: 'CAPABILITY_MISSING' }
  if (asked) return { code: 'BAD_REQUEST' }
  return status >= 500 ? { code: 'ENGINE_FAILED' } : { code: 'ENGINE_FAILED', retryable: false }
}

/**
 * An HTTP reply that is not a success, as an error. `engine` is the kind, for the text; no address is named, as errors
 * travel.
 */
export function statusError(
  engine: string,
  status: number,
  headers: Readonly<Record<string, unknown>>,
  body: unknown,
): RealmeshError {
  const text = engineErrorText(body)
  if (status === 503 && LOADING.test(text)) return new RealmeshError('ENGINE_LOADING', `${engine} loads its model`)
  const row = BY_STATUS[status] ?? byText(status, text)
  const wait = row.code === 'ENGINE_BUSY' ? retryAfterMs(headers, Date.now()) : undefined
  return new RealmeshError(row.code, `${engine} answered ${status}${text === '' ? '' : `: ${text}`}`, {
    ...defined({ retryable: row.retryable, fix: row.fix, retryAfterMs: wait }),
  })
}

/**
 * An error object that came inside a stream whose status was a success; it may hold the status that it would have had.
 */
export function streamedError(engine: string, body: unknown): RealmeshError {
  const text = engineErrorText(body)
  const status = statedStatus(body)
  const row = OVERLOADED.test(text) ? ({ code: 'ENGINE_BUSY' } as const) : (BY_STATUS[status] ?? byText(status, text))
  return new RealmeshError(row.code, `${engine} broke off${text === '' ? '' : `: ${text}`}`, {
    ...defined({ retryable: row.retryable }),
  })
}

const OVERLOADED = /overloaded|rate.?limit|too many requests|server busy/i

/** The HTTP status inside an error object; 500 where there is none. */
function statedStatus(body: unknown, depth = 0): number {
  if (typeof body !== 'object' || body === null || depth > MAX_ERROR_DEPTH) return 500
  const { error, code, type, error_type: other } = body as Record<string, unknown>
  const status = Number(code)
  if (Number.isInteger(status) && status >= 400 && status < 600) return status
  if (/bad_?request|invalid_request/i.test(String(type ?? other ?? ''))) return 400
  return error === undefined ? 500 : statedStatus(error, depth + 1)
}

/** A connection that could not be made or broke, as an error. */
export function connectionError(engine: string, cause: Error, begun: boolean): RealmeshError {
  const code = codeOf(cause) ?? cause.name
  const what = begun ? 'closed the connection in the middle of its answer' : 'cannot be reached'
  return new RealmeshError('ENGINE_FAILED', `${engine} ${what} (${sanitizeEngineText(code)})`, { cause })
}

/** Words that the engine's protocol does not allow. */
export function garbage(engine: string, what: string, cause?: unknown): RealmeshError {
  return new RealmeshError('ENGINE_GARBAGE', `${engine} sent ${what}`, defined({ cause }))
}

/** What a run that was aborted throws: the reason if it is one of ours (a time-out), otherwise `CANCELLED`. */
export function abortError(signal: CancelSignal): RealmeshError {
  const reason: unknown = signal.reason
  if (reason instanceof RealmeshError) return reason
  return new RealmeshError('CANCELLED', 'the query was cancelled', { cause: reason })
}
