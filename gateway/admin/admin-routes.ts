/**
 * The operator's paths, under `/api/admin`. Without a token there are none: they answer 404 like any other path that is
 * not there.
 */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { ollamaErrorBody } from '../api/ollama-error.ts'
import { handleErrors } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { ADMIN_ACTIONS } from './admin-actions.ts'
import { AdminDoor } from './admin-door.ts'
import type { OperatorActs } from './operator-acts.ts'
import { realmChangeRoutes } from './realm-routes.ts'

export interface AdminRoutesInit {
  readonly control: OperatorActs
  /** SHA-256 of the admin token, hex. */
  readonly tokenHash: string
}

/** Registers the paths on `app`, whose prefix is `/api/admin`. The token is checked before a body is read. */
export function adminRoutes(
  app: FastifyInstance,
  context: GatewayContext,
  { control, tokenHash }: AdminRoutesInit,
): void {
  handleErrors(app, context.log, ollamaErrorBody)
  const door = new AdminDoor(context, { tokenHash })
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.setHeader('cache-control', 'no-store')
    done(door.refusal(request.raw))
  })
  realmChangeRoutes(app, control)
  for (const [name, act] of Object.entries(ADMIN_ACTIONS)) {
    app.post(`/${name}`, async (request, reply) => {
      const result = (await act(control, request.body)) ?? {}
      return result instanceof Readable ? reply.type('application/json; charset=utf-8').send(result) : result
    })
  }
}
