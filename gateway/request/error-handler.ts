/**
 * From anything thrown to one answer in the family's shape. Surprises go to the log, with their stack, and only there.
 */
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'
import { type HttpProblem, HttpRefusal, spoken, toProblem } from './errors.ts'
import { MAX_HEADER_BYTES } from './limits.ts'
import { drainBody } from './read-body.ts'
import { hintFor } from './unknown-door.ts'

/** Writes a problem as one API family does. */
export type ErrorBody = (problem: HttpProblem) => string

/** Installs the error and not-found handlers of one path prefix; `told` as in `handleThrown`. */
export function handleErrors(app: FastifyInstance, log: Logger, body: ErrorBody, told?: ToldProblem): void {
  handleThrown(app, log, body, told)
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, unknownDoor(app, request, reply), body)
  })
}

/** A problem as a family has it, such as by a status of its own. */
export type ToldProblem = (problem: HttpProblem) => HttpProblem

const asItIs: ToldProblem = (problem) => problem

/** Installs the error handler alone. @default told problems as they are */
export function handleThrown(app: FastifyInstance, log: Logger, body: ErrorBody, told: ToldProblem = asItIs): void {
  app.setErrorHandler((error, _request, reply) => {
    sendProblem(reply, told(problemOf(error, log)), body)
  })
}

/** A path that is not there, or one that takes another method. */
export function unknownDoor(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): HttpProblem {
  const asked = `${request.method} ${shown(request.originalUrl)}`
  const path = pathOf(request.url)
  const allowed = METHODS.filter((method) => app.hasRoute({ method, url: path }))
  if (allowed.length > 0) {
    reply.header('allow', allowed.join(', '))
    const fix = `use ${allowed.join(' or ')}`
    const problem = toProblem(new RealmeshError('BAD_REQUEST', `there is no ${asked}, only another method`, { fix }))
    return { ...problem, status: 405, code: 'method_not_allowed' }
  }
  const fix = hintFor(path, request.realmeshOrigin)
  const problem = toProblem(new RealmeshError('BAD_REQUEST', `there is no ${asked} here`, { fix }))
  return { ...problem, status: 404, code: 'unknown_url' }
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const

/** The outward form of anything thrown; what was not expected is logged here. */
export function problemOf(thrown: unknown, log: Logger): HttpProblem {
  const known = fromFramework(thrown)
  if (known !== undefined) return known
  const error = toRealmeshError(thrown)
  if (error.code === 'INTERNAL') log.error({ err: thrown }, 'a request failed in a way that should not happen')
  return toProblem(error)
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: HttpProblem, body: ErrorBody): void {
  drainBody(reply.request.raw)
  reply
    .removeHeader('connection') // which fastify closes where a body is refused, before its sender could read why
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', 'application/json; charset=utf-8')
    .send(body(problem))
}

interface ClientErrorRow {
  readonly status: string
  readonly message: string
  readonly fix?: string
}

/** What Node's parser calls the ways of sending too much or too slowly; everything else is no HTTP at all. */
const CLIENT_ERRORS: Readonly<Record<string, ClientErrorRow>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    message: `the headers have more than ${MAX_HEADER_BYTES} bytes`,
    fix: 'send fewer or shorter headers, such as cookies; a long text goes into the body',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Payload Too Large', message: 'the extensions of a chunk are too long' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', message: 'the request did not come within its time' },
  HPE_INVALID_EOF_STATE: { status: '400 Bad Request', message: 'the request breaks off' },
}

const NO_HTTP: ClientErrorRow = { status: '400 Bad Request', message: 'these bytes are not an HTTP request' }

/** Ends a connection whose bytes are not a request: there is no request to answer, so the reply is written by hand. */
export function refuseGarbage(error: Error, socket: Socket): void {
  // A handshake that failed: there is no way to say anything to its client.
  if (!socket.writable || isOfTls(error)) {
    socket.destroy()
    return
  }
  const { status, ...told } = CLIENT_ERRORS[codeOf(error) ?? ''] ?? NO_HTTP
  const { type, code } = toProblem(new RealmeshError('BAD_REQUEST', told.message))
  const body = JSON.stringify({ error: { message: spoken(told), type, param: null, code } })
  const head = `connection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`)
}

function isOfTls(error: Error): boolean {
  return /^ERR_(?:SSL|TLS|OSSL)/.test(codeOf(error) ?? '')
}

/** Longest piece of a path that is repeated to its sender. */
const MAX_SHOWN_PATH = 100

function shown(url: string): string {
  return pathOf(url).slice(0, MAX_SHOWN_PATH)
}

function pathOf(url: string): string {
  return url.split('?')[0] ?? ''
}

interface FrameworkRow {
  readonly status: number
  readonly message: string
  readonly fix: string
}

const JSON_FIX = 'send one JSON object, encoded as UTF-8'

/** What fastify refuses before a handler runs, by its codes. */
const FRAMEWORK_ERRORS: Readonly<Record<string, FrameworkRow>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, message: 'the body is not valid JSON', fix: JSON_FIX },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, message: 'the body is empty', fix: JSON_FIX },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, message: 'the body is not as long as announced', fix: JSON_FIX },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message: 'the body is not declared as JSON',
    fix: 'send content-type: application/json',
  },
  FST_ERR_BAD_URL: { status: 400, message: 'the path is not a valid URL', fix: 'percent-encode it' },
}

function fromFramework(thrown: unknown): HttpProblem | undefined {
  if (!(thrown instanceof Error) || thrown instanceof RealmeshError) return undefined
  const code = codeOf(thrown) ?? ''
  const row =
    FRAMEWORK_ERRORS[code] ??
    (thrown instanceof SyntaxError ? FRAMEWORK_ERRORS['FST_ERR_CTP_INVALID_JSON_BODY'] : undefined)
  const { status, message, fix } = row ?? othersOf(thrown, code) ?? {}
  if (status === undefined || message === undefined) return undefined
  return toProblem(new HttpRefusal('BAD_REQUEST', message, { status, ...defined({ fix }) }))
}

/** What else the framework finds wrong with a request: a method such as QUERY without a body. Our faults are not. */
function othersOf(thrown: Error, code: string): Partial<FrameworkRow> | undefined {
  const status = 'statusCode' in thrown ? Number(thrown.statusCode) : 0
  if (!code.startsWith('FST_') || !(status >= 400 && status < 500)) return undefined
  return { status, message: 'the request is none that this gateway takes' }
}
