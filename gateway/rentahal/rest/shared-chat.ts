/**
 * `POST /api/chat`, which Ollama's clients and RENT-A-HAL's share. What the body holds tells whose it is: no valid body
 * of one is a valid body of the other.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ollamaErrorBody } from '../../api/ollama-error.ts'
import { ollamaChatRoute } from '../../ollama/chat/answer-routes.ts'
import { problemOf, sendProblem } from '../../request/error-handler.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { FAILED_AT } from '../query/failure-words.ts'
import { sendDetail } from './detail-error.ts'
import { queryRoute } from './query-route.ts'

type ChatDialect = 'ollama' | 'rentahal'

/** Whose body it is; undefined: nobody's. Pure. */
export function chatDialect(body: unknown): ChatDialect | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const has = (field: string): boolean => Object.hasOwn(body, field)
  if ('messages' in body && Array.isArray(body.messages)) return 'ollama'
  if (has('model') && !has('prompt')) return 'ollama'
  return has('prompt') || has('query_type') ? 'rentahal' : undefined
}

/** The handler, for a gateway's context. */
export function sharedChatRoute(context: GatewayContext) {
  const ollama = ollamaChatRoute(context)
  const rentAHal = queryRoute(context)
  return (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | object> =>
    chatDialect(request.body) === 'ollama' ? ollama(request, reply) : rentAHal(request, reply)
}

/** Errors in the dialect of the request; one that could be of either has the members of both. */
export function sharedChatErrors({ log }: Pick<GatewayContext, 'log'>) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const dialect = chatDialect(request.body)
    if (dialect === 'ollama') sendProblem(reply, problemOf(error, log), ollamaErrorBody)
    else sendDetail(reply, error, { log, opening: FAILED_AT.query, both: dialect === undefined })
  }
}
