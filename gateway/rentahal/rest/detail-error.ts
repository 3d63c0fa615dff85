/**
 * Errors as FastAPI writes them, whose `detail` RENT-A-HAL's clients read: a list of what is wrong with a body, or one
 * text. Every failure of the work behind it has status 500 there, with the true one in the text; ours stands beside it
 * as `code`, with what to do.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { valueAt } from '../../../core/json/value-at.ts'
import type { Logger } from '../../../core/logger.ts'
import { ollamaError } from '../../api/ollama-error.ts'
import { problemOf, sendProblem } from '../../request/error-handler.ts'
import { HTTP_ERRORS, type HttpProblem, HttpRefusal } from '../../request/errors.ts'
import { BadJson } from '../../request/json-body.ts'
import { FAILED_AT, type FailedAt, NO_WORKER_NODES, NOBODY_SERVES } from '../query/failure-words.ts'

/** One thing that is wrong with a body. */
interface Detail {
  readonly type: string
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly input: unknown
  readonly ctx?: { readonly error: string }
}

/** A body that is not as its schema has it, with everything that is wrong. */
class BadBody extends HttpRefusal {
  readonly details: readonly Detail[]

  constructor(details: readonly Detail[]) {
    const [first] = details
    super('BAD_REQUEST', `${first?.loc.slice(1).join('.') || 'body'}: ${first?.msg ?? 'is not valid'}`, { status: 422 })
    this.details = details
  }
}

/** Of a body, this many wrong things are told. */
const MAX_DETAILS = 20

/** Longest text of a body that is repeated to its sender. */
const MAX_ECHOED = 100

/** `body` as `schema` gives it; throws what FastAPI would say of it. */
export function checkBody<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === undefined) throw new BadBody([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }])
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new BadBody(parsed.error.issues.slice(0, MAX_DETAILS).map((issue) => detailOf(issue, body)))
}

/** Types and words by what is expected, as pydantic has them. */
const EXPECTED: Readonly<Record<string, readonly [type: string, words: string]>> = {
  string: ['string_type', 'Input should be a valid string'],
  number: ['float_type', 'Input should be a valid number'],
  int: ['int_type', 'Input should be a valid integer'],
  boolean: ['bool_type', 'Input should be a valid boolean'],
  array: ['list_type', 'Input should be a valid list'],
  object: ['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from'],
}

function detailOf(issue: z.core.$ZodIssue, body: unknown): Detail {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  const loc = ['body', ...path]
  const [parent, input] = [valueAt(body, path.slice(0, -1)), valueAt(body, path)]
  if (input === undefined) return { type: 'missing', loc, msg: 'Field required', input: echoed(parent) }
  const [type, msg] = (issue.code === 'invalid_type' ? EXPECTED[issue.expected] : undefined) ?? [
    'value_error',
    issue.message,
  ]
  return { type, loc, msg, input: echoed(input) }
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}

/** A body may hold pictures: of what is repeated no more than a glance. */
function echoed(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, MAX_ECHOED)
  if (!isObject(value)) return value
  if (Array.isArray(value)) return []
  const plain = Object.entries(value).filter(([name, inner]) => name.length <= MAX_ECHOED && !isObject(inner))
  return Object.fromEntries(plain.slice(0, MAX_DETAILS).map(([name, inner]) => [name, echoed(inner)]))
}

/** The same as `code` of a body. */
const NOBODY_SERVES_HTTP: ReadonlySet<string> = new Set([...NOBODY_SERVES].map((code) => HTTP_ERRORS[code].code))

/** A problem as a body; `both`: also with what Ollama's clients read. */
function bodyOf(detail: unknown, problem: HttpProblem, both: boolean): string {
  const { message, code, fix } = problem
  return JSON.stringify({ detail, ...(both ? ollamaError(problem) : defined({ code, message, fix })) })
}

/** Whether the fault lies in the work and not in the request. */
function isOfWork({ status, code }: HttpProblem): boolean {
  return status >= 500 || code === 'rate_limit_exceeded' || NOBODY_SERVES_HTTP.has(code)
}

/** The one text of a problem. */
function textOf(problem: HttpProblem, opening: FailedAt): string {
  if (!isOfWork(problem)) return problem.message
  const cause = NOBODY_SERVES_HTTP.has(problem.code) ? NO_WORKER_NODES : `${problem.status}: ${problem.message}`
  return `${opening}: ${cause}`
}

/** Writes a problem behind a head that has gone out. */
export function detailBody(opening: FailedAt): (problem: HttpProblem) => string {
  return (problem) => bodyOf(textOf(problem, opening), problem, false)
}

/** Answers with anything thrown. `both`: to a client that may be one of Ollama's too. */
export function sendDetail(
  reply: FastifyReply,
  thrown: unknown,
  { log, opening, both = false }: { readonly log: Logger; readonly opening: FailedAt; readonly both?: boolean },
): void {
  const problem = problemOf(thrown, log)
  const details = detailsOf(thrown)
  const status = details !== undefined ? 422 : isOfWork(problem) ? 500 : problem.status
  const told = details ?? textOf(problem, opening)
  sendProblem(reply, { ...problem, status }, () => bodyOf(told, problem, both))
}

function detailsOf(thrown: unknown): readonly Detail[] | undefined {
  if (thrown instanceof BadBody) return thrown.details
  if (thrown instanceof BadJson) {
    const ctx = { error: thrown.message }
    return [{ type: 'json_invalid', loc: ['body', thrown.offset], msg: 'JSON decode error', input: {}, ctx }]
  }
  if (thrown instanceof BadField) {
    return [{ type: 'value_error', loc: ['body', thrown.param], msg: thrown.message, input: null }]
  }
  return undefined
}

/** The error handler of a route. */
export function detailErrors(log: Logger, opening: FailedAt = FAILED_AT.query) {
  return (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void =>
    sendDetail(reply, error, { log, opening })
}
