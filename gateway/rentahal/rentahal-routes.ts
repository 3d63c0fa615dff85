/** RENT-A-HAL's paths: those of its host, and those of its workers. */
import type { FastifyInstance } from 'fastify'
import { requireKey } from '../door/door.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { drawingRoutes } from './drawing/drawing-routes.ts'
import { hostRoutes, workerRoutes } from './rest/rest-routes.ts'

/** Registers them on the whole `app`. */
export function rentAHalRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.register(
    async (host) => {
      requireKey(host, context.keys)
      hostRoutes(host, context)
    },
    { prefix: '/api' },
  )
  app.register(async (worker) => {
    requireKey(worker, context.keys)
    workerRoutes(worker, context)
    worker.register(async (draws) => drawingRoutes(draws, context), { prefix: '/sdapi/v1' })
  })
}
