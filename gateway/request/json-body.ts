/** Bodies are JSON, declared as JSON: browsers cannot send that across origins without asking first. */
import type { FastifyInstance } from 'fastify'
import { assertShallow } from './parse-json.ts'

/** Replaces fastify's parsers: JSON only, nothing that reaches a prototype, nothing nested without end. */
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
