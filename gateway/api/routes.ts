/** Our own paths, under `/api`: the node's state as JSON, for the command line, the page and scripts. */
import type { FastifyInstance } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { requireKey } from '../door/door.ts'
import { modelsFor } from '../fields/named-model.ts'
import { handleThrown, sendProblem, unknownDoor } from '../request/error-handler.ts'
import type { HttpProblem } from '../request/errors.ts'
import { type GatewayContext, userOf } from '../request/gateway-context.ts'
import { ollamaError, ollamaErrorBody } from './ollama-error.ts'

/** RENT-A-HAL's clients knock here as well, and read another member. */
function unknownBody(problem: HttpProblem): string {
  const detail = problem.status === 405 ? 'Method Not Allowed' : 'Not Found'
  return JSON.stringify({ detail, ...ollamaError(problem) })
}

/** Registers the paths on `app`, whose prefix is `/api`. */
export function apiRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { node } = context
  handleThrown(app, context.log, ollamaErrorBody)
  app.setNotFoundHandler((request, reply) => sendProblem(reply, unknownDoor(app, request, reply), unknownBody))
  requireKey(app, context.keys)
  // Ollama's programs ask here whether models of a company's machines are on offer.
  app.get('/status', () => ({ ...node.status(), cloud: { disabled: true, source: 'none' } }))
  app.get('/peers', () => ({ peers: node.peers() }))
  app.get('/models', (request) => ({ models: modelsFor(context, request) }))
  app.get<{ Params: { id: string } }>('/queries/:id', async (request) => {
    const receipt = await node.receipt(request.params.id, userOf(request))
    if (receipt !== undefined) return receipt
    throw new RealmeshError('QUERY_NOT_FOUND', 'there is no finished query of yours with that id', {
      fix: 'take the id from the x-realmesh-query header; receipts are kept for a while only',
    })
  })
}
