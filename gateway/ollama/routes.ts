/**
 * Ollama's paths, under `/api` beside our own: the two share no path but `/api/status`. `/api/chat`, which RENT-A-HAL's
 * clients use too, is registered beside theirs.
 */
import type { FastifyInstance } from 'fastify'
import type { GatewayContext } from '../request/gateway-context.ts'
import { generateRoute } from './chat/answer-routes.ts'
import { singleVectorRoute, vectorsRoute } from './embed-routes.ts'
import { psRoute, showRoute, tagsRoute } from './models/model-routes.ts'
import { refusedRoutes } from './refused-routes.ts'

/**
 * The version of Ollama whose API this is: programs leave out what an older one does not have. What each route says was
 * compared with the sources and the answers of that version.
 */
const OLLAMA_VERSION = '0.17.4'

/** Registers the paths on `app`, whose prefix is `/api`, with its errors and its check of keys. */
export function ollamaRoutes(app: FastifyInstance, context: GatewayContext): void {
  const since = new Date(context.clock.wall()).toISOString()
  app.get('/version', () => ({ version: OLLAMA_VERSION, realmesh: context.version }))
  app.get('/tags', tagsRoute(context, since))
  app.get('/ps', psRoute(context))
  app.post('/show', showRoute(context, since))
  app.post('/generate', generateRoute(context))
  app.post('/embed', vectorsRoute(context))
  app.post('/embeddings', singleVectorRoute(context))
  refusedRoutes(app)
}
