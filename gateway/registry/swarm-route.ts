/** `GET /swarm`: how large the swarm is, for everyone, where the owner wants it told; browsers get a page. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { ollamaErrorBody } from '../api/ollama-error.ts'
import { sendProblem } from '../request/error-handler.ts'
import { type HttpProblem, toProblem } from '../request/errors.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { SWARM_PAGE_POLICY, swarmPage } from './swarm-page.ts'

const NOT_TOLD: HttpProblem = {
  ...toProblem(
    new RealmeshError('BAD_REQUEST', 'this node does not tell of its swarm', {
      fix: 'its owner may: realmesh config set node.registry.show true',
    }),
  ),
  status: 404,
  code: 'not_told',
}

/** Registers the path on the whole `app`; it needs no key. */
export function swarmRoute(app: FastifyInstance, { node, version }: Pick<GatewayContext, 'node' | 'version'>): void {
  app.get('/swarm', (request: FastifyRequest, reply: FastifyReply) => {
    const sums = node.swarm()
    if (sums === undefined) {
      sendProblem(reply, NOT_TOLD, ollamaErrorBody)
      return reply
    }
    reply.header('vary', 'accept')
    if (!prefersPage(request.headers.accept)) return { version, ...sums }
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', SWARM_PAGE_POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .send(swarmPage(sums))
  })
}

/** Browsers name HTML first; programs name JSON, or nothing. */
function prefersPage(accept = ''): boolean {
  const html = accept.indexOf('text/html')
  const json = accept.indexOf('application/json')
  return html !== -1 && (json === -1 || html < json)
}
