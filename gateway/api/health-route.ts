/** `GET /health`, which needs no key: 200 while the node takes queries, 503 once it drains. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayContext } from '../request/gateway-context.ts'

/** Registers the path on the whole `app`. `ok` is llama-server's word, for which programs look. */
export function healthRoute(app: FastifyInstance, { node, version }: Pick<GatewayContext, 'node' | 'version'>): void {
  app.get('/health', (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { draining } = node.status()
    return reply.code(draining ? 503 : 200).send({ status: draining ? 'draining' : 'ok', version })
  })
}
