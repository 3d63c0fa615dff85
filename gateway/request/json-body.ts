/**
 * Bodies are JSON, declared as JSON: browsers cannot send that across origins without asking first. Nothing in them
 * reaches a prototype, and nothing is nested without end.
 */
import type { FastifyInstance } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_JSON_DEPTH } from './limits.ts'

/** Replaces fastify's parsers. */
export function parseJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    parse(request, text, (error, body) => {
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
