/**
 * Bodies are JSON, declared as JSON: browsers cannot send that across origins without asking first. Keys that reach a
 * prototype are left out, and nothing is nested without end.
 */
import type { FastifyInstance } from 'fastify'
import { hasMoreValues } from '../../core/json/json-values.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from './limits.ts'

/** Replaces fastify's parsers. */
export function parseJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('remove', 'remove')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (hasMoreValues(bytes, MAX_JSON_VALUES)) return done(tooManyValues())
    parse(request, bytes.toString('utf8'), (error, body) => {
      if (error !== null) return done(error)
      try {
        assertShallow(body)
        done(null, body)
      } catch (tooDeep) {
        done(tooDeep instanceof Error ? tooDeep : new Error(String(tooDeep)))
      }
    })
  })
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
