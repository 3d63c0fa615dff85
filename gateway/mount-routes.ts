/** Every API family at its path. */
import type { FastifyInstance } from 'fastify'
import { adminRoutes } from './admin/admin-routes.ts'
import { doctorRoute } from './admin/doctor-route.ts'
import type { OperatorActs } from './admin/operator-acts.ts'
import { realmListRoute } from './admin/realm-routes.ts'
import { messageModelRoutes, messageRoutes } from './anthropic/routes.ts'
import { healthRoute } from './api/health-route.ts'
import { apiRoutes } from './api/routes.ts'
import { describedRoutes } from './described/described-routes.ts'
import type { RegisteredRoute } from './described/notes/route-note.ts'
import { federationRoutes } from './federation/federation-routes.ts'
import { mcpRoutes } from './mcp/mcp-routes.ts'
import { metricsRoutes } from './metrics/metrics-route.ts'
import type { RealmTraffic } from './metrics/readings.ts'
import { rootRoute } from './ollama/root-route.ts'
import { ollamaRoutes } from './ollama/routes.ts'
import { type Background, openAiRoutes } from './openai/routes.ts'
import { swarmRoute } from './registry/swarm-route.ts'
import { type PageInit, pageRoutes, sendPage } from './rentahal/page/page-routes.ts'
import { rentAHalRoutes } from './rentahal/rentahal-routes.ts'
import type { GatewayContext } from './request/gateway-context.ts'
import { rerankRoutes } from './rerank/rerank-routes.ts'
import { tokensRoutes } from './tokens/tokens-routes.ts'

export interface MountedComponents extends Background {
  readonly context: GatewayContext
  /** Fills as they are mounted. */
  readonly routes: readonly RegisteredRoute[]
  /** Both or none: without them there are no admin routes. */
  readonly control?: OperatorActs
  readonly tokenHash?: string
  /** What the sockets of a realm have done. */
  readonly traffic: (realm: string) => RealmTraffic | undefined
  /** A page for browsers. @default none */
  readonly page?: PageInit
}

/** `state`: what the node tells of itself, and its operator's acts. `queries`: the doors of programs too. */
export type Served = 'state' | 'queries'

/** Mounts what is served. The hooks of the door must stand before. */
export function mountRoutes(app: FastifyInstance, serves: Served, components: MountedComponents): void {
  const { context, routes, control, tokenHash, traffic } = components
  healthRoute(app, context)
  swarmRoute(app, context)
  metricsRoutes(app, context, traffic)
  describedRoutes(app, context, routes)
  if (control !== undefined && tokenHash !== undefined) {
    app.register(async (admin) => adminRoutes(admin, context, { control, tokenHash }), { prefix: '/api/admin' })
    app.register(async (admin) => doctorRoute(admin, context, { ...control, tokenHash }), { prefix: '/api' })
  }
  app.register(
    async (api) => {
      apiRoutes(api, context)
      if (serves === 'state') return
      ollamaRoutes(api, context)
      realmListRoute(api, context.node, (realm) => traffic(realm)?.connections ?? 0)
    },
    { prefix: '/api' },
  )
  if (serves === 'queries') queryRoutes(app, components)
}

function queryRoutes(app: FastifyInstance, { context, page, ...background }: MountedComponents): void {
  if (page !== undefined) pageRoutes(app, page.folder)
  rootRoute(app, page?.root === true ? (request, reply) => sendPage(page.folder, request, reply) : undefined)
  app.register(async (hosts) => federationRoutes(hosts, context), { prefix: '/api/federation' })
  app.register(async (openai) => openAiRoutes(openai, context, background), { prefix: '/v1' })
  rentAHalRoutes(app, context)
  app.register(async (ranks) => rerankRoutes(ranks, context))
  app.register(async (tokens) => tokensRoutes(tokens, context))
  app.register(async (anthropic) => messageRoutes(anthropic, context), { prefix: '/v1/messages' })
  app.register(async (anthropic) => messageModelRoutes(anthropic, context), { prefix: '/v1' })
  app.register(async (mcp) => mcpRoutes(mcp, context), { prefix: '/mcp' })
}
