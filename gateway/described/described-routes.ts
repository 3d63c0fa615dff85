/** `/openapi.json`, `/docs` and `/.well-known/realmesh.json`: what this gateway is, for programs and for people. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GatewayContext } from '../request/gateway-context.ts'
import { docsPage, PAGE_POLICY } from './docs-page.ts'
import type { JsonSchema } from './json-schema.ts'
import { ROUTE_NOTES } from './notes/all-notes.ts'
import type { RegisteredRoute } from './notes/route-note.ts'
import { openApiDocument } from './openapi.ts'
import { wellKnown } from './well-known.ts'

/** Registers the paths on the whole `app`; none needs a key. `routes`: all that there are once the gateway listens. */
export function describedRoutes(
  app: FastifyInstance,
  context: GatewayContext,
  routes: readonly RegisteredRoute[],
): void {
  const { version, keys, node } = context
  let known: JsonSchema | undefined
  const documentFor = ({ realmeshOrigin: url }: FastifyRequest): JsonSchema => {
    known ??= openApiDocument({ version, routes, notes: ROUTE_NOTES })
    return { ...known, servers: [{ url }] }
  }
  app.get('/openapi.json', (request) => documentFor(request))
  app.get('/docs', (request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .send(docsPage(documentFor(request))),
  )
  app.get('/.well-known/realmesh.json', (request) =>
    wellKnown({
      ...{ version, routes, notes: ROUTE_NOTES },
      keyNeeded: keys.size > 0,
      tls: request.realmeshOrigin.startsWith('https:'),
      status: mayAsk(context, request) ? node.status() : undefined,
    }),
  )
}

function mayAsk({ keys }: GatewayContext, { headers }: FastifyRequest): boolean {
  try {
    keys.identify(headers)
    return true
  } catch {
    return false
  }
}
