/**
 * Errors as Anthropic's API has them: its words for kinds of errors, and its status 529 where the mesh has no room now.
 */
import type { ErrorCode } from '../../core/realmesh-error.ts'
import { HTTP_ERRORS, type HttpProblem, spoken } from '../request/errors.ts'

/** What programs know as "overloaded, ask again"; a limit of the caller's own stays 429. */
const OVERLOADED = 529

/** Codes that tell of load. */
const OF_LOAD: readonly ErrorCode[] = ['REALM_OVERLOADED', 'ENGINE_BUSY', 'ENGINE_LOADING']
const LOAD: ReadonlySet<string> = new Set(OF_LOAD.map((code) => HTTP_ERRORS[code].code))

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** Codes by the words that programs act on: all that can be looked for in vain is a conversation. */
const CODES: Readonly<Record<string, string>> = { [HTTP_ERRORS.QUERY_NOT_FOUND.code]: 'thread_not_found' }

/** A conversation that is too long opens with the maker's own words, by which programs know it and compact theirs. */
const TOO_LONG = 'prompt is too long: '

/** The problem with the status that this API has for it. */
export function toldToAnthropic(problem: HttpProblem): HttpProblem {
  return LOAD.has(problem.code) ? { ...problem, status: OVERLOADED } : problem
}

/** The body. Programs show `message` only, so the fix stands in it too; the code is where programs look for one. */
export function anthropicErrorBody(problem: HttpProblem): string {
  const { status, code, param } = toldToAnthropic(problem)
  const type = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  const { code: tooLong, opening = '' } = HTTP_ERRORS.CONTEXT_TOO_LONG
  const words = spoken(problem)
  const message = code === tooLong ? TOO_LONG + words.slice(words.startsWith(opening) ? opening.length : 0) : words
  return JSON.stringify({
    type: 'error',
    error: { type, message, details: { error_code: CODES[code] ?? code, param } },
  })
}
