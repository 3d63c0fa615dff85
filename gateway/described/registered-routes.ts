/** The routes of a gateway as they are registered, so that what is told of them can be held against them. */
import type { FastifyInstance } from 'fastify'
import { noteKey, type RegisteredRoute } from './notes/route-note.ts'

/** Methods that the framework answers by itself: `HEAD` beside each `GET`, `OPTIONS` for pages. */
const BY_ITSELF: readonly string[] = ['HEAD', 'OPTIONS']

/** Fills itself while routes are registered on `app`; call it before the first. Each stands in it once. */
export function noteRoutes(app: FastifyInstance): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = []
  const known = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of Array.isArray(method) ? method : [method]) {
      const route = { method: one, path: url }
      if (BY_ITSELF.includes(one) || known.has(noteKey(route))) continue
      known.add(noteKey(route))
      routes.push(route)
    }
  })
  return routes
}
