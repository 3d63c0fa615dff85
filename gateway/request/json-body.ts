/** Bodies are JSON. Keys that reach a prototype are left out, and nothing is nested or long without end. */
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hasMoreValues } from '../../core/json/json-values.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { messageOf } from '../../core/thrown.ts'
import { BodyBudget } from './body-budget.ts'
import { assertJson } from './declared-json.ts'
import { HttpRefusal } from './errors.ts'
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from './limits.ts'
import { countBody, readBody } from './read-body.ts'

/** Bytes as JSON. Rejects with `BAD_REQUEST` or `PROMPT_TOO_LARGE`. */
export type ReadJson = (bytes: Buffer) => Promise<unknown>

/** Fastify's parser does not look at it. */
const NO_REQUEST = {} as FastifyRequest

/** Replaces fastify's parsers by one for every type of content, and returns how it reads. `budget`: counts bodies. */
export function parseJsonBodies(app: FastifyInstance, budget = new BodyBudget()): ReadJson {
  const read = jsonReader(app)
  app.addHook('onRequest', (request, reply, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    if (length !== undefined || encoding !== undefined) countBody(budget, request.raw, reply.raw)
    done()
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (request: FastifyRequest): Promise<unknown> => {
    if (request.is404 || request.routeOptions.config.readsBody === true) return undefined
    assertJson(request.headers)
    return await read(await readBody(request.raw, request.routeOptions.config.maxBodyBytes))
  })
  return read
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the handler reads the body itself, as it arrives. @default false */
    readsBody?: boolean
    /** Largest body. @default MAX_REQUEST_BYTES */
    maxBodyBytes?: number
  }
}

function jsonReader(app: FastifyInstance): ReadJson {
  const parse = app.getDefaultJsonParser('remove', 'remove')
  return async (bytes) => {
    if (!isUtf8(bytes)) throw notUtf8()
    if (hasMoreValues(bytes, MAX_JSON_VALUES)) throw tooManyValues()
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const text = bytes.toString('utf8')
    parse(NO_REQUEST, text, (error, body) => (error === null ? resolve(body) : reject(noJson(error, text))))
    const body = await promise
    assertShallow(body)
    return body
  }
}

/** A body that is no JSON. */
export class BadJson extends HttpRefusal {
  /** Where in the text, in UTF-16 units. */
  readonly offset: number

  constructor(offset: number) {
    super('BAD_REQUEST', 'the body is not valid JSON', { status: 400, fix: 'send one JSON object, encoded as UTF-8' })
    this.offset = offset
  }
}

/** The framework's parser keeps to itself where it stopped. What is JSON and refused all the same stays its error. */
function noJson(error: Error, text: string): Error {
  try {
    JSON.parse(text)
    return error
  } catch (thrown) {
    const [, offset] = / at position (\d+)/.exec(messageOf(thrown)) ?? []
    return text === '' ? error : new BadJson(offset === undefined ? text.length : Number(offset))
  }
}

/** Read all the same, each letter that is not ASCII would be lost, and the model would be asked something else. */
function notUtf8(): RealmeshError {
  return new RealmeshError('BAD_REQUEST', 'the body is not UTF-8', { fix: 'encode it as UTF-8, as JSON is' })
}

function tooManyValues(): RealmeshError {
  return new RealmeshError('PROMPT_TOO_LARGE', `the body holds more than ${MAX_JSON_VALUES} values`, {
    fix: 'send less in one query, and texts instead of lists of tokens',
  })
}

/** Throws `BAD_REQUEST` when `value` is nested deeper than `limit`. */
function assertShallow(value: unknown, limit = MAX_JSON_DEPTH): void {
  if (typeof value !== 'object' || value === null) return
  if (limit === 0) {
    throw new RealmeshError('BAD_REQUEST', `the body is nested deeper than ${MAX_JSON_DEPTH} levels`, {
      fix: 'flatten the schema of the tools or of the answer',
    })
  }
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof inner === 'object') assertShallow(inner, limit - 1)
  }
}
