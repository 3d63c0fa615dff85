/** `GET /api/doctor`: what is broken and what helps; with `peer`, why that one is not reached or does not serve. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import type { DoctorControl } from '../../node/api/node-control.ts'
import { ollamaErrorBody } from '../api/ollama-error.ts'
import { handleThrown } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { AdminDoor } from './admin-door.ts'

/** `model` is of use beside `peer` only. */
export const doctorQuery = z.strictObject({
  peer: z.string().min(1).max(256).optional(),
  model: z.string().min(1).max(256).optional(),
})

export interface DoctorRouteInit {
  readonly doctor: DoctorControl
  /** SHA-256 of the admin token, hex. */
  readonly tokenHash: string
}

/** Registers the path on `app`, whose prefix is `/api`, for the operator only: it tells of all peers, and dials. */
export function doctorRoute(
  app: FastifyInstance,
  context: GatewayContext,
  { doctor, tokenHash }: DoctorRouteInit,
): void {
  handleThrown(app, context.log, ollamaErrorBody)
  const door = new AdminDoor(context, { tokenHash })
  app.get('/doctor', {
    onRequest: (request, reply, done) => {
      reply.raw.setHeader('cache-control', 'no-store')
      done(door.refusal(request.raw))
    },
    handler: async ({ query }) => {
      const { peer, model } = checkValue(doctorQuery, query)
      return await (peer === undefined ? doctor.examine() : doctor.about(peer, model))
    },
  })
}
