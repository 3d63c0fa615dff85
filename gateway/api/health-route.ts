/** `GET /health`: whether queries may be sent here. It needs no key and tells nothing else. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayContext } from '../request/gateway-context.ts'

/** The handler: 200 while the node takes queries, 503 once it drains. */
export function healthRoute(context: GatewayContext) {
  return (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { draining } = context.node.status()
    return reply.code(draining ? 503 : 200).send({ status: draining ? 'draining' : 'ok', version: context.version })
  }
}
