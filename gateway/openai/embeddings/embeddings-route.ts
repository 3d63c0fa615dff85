/**
 * `POST /v1/embeddings`: vectors as numbers, or as base64 of little-endian floats, which the `openai` package asks for
 * by default.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { submitSeveral } from '../../answer/several.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { sendAnswer } from '../format/send-answer.ts'
import { embeddingsRequest } from './embeddings-request.ts'

/** The handler, for a gateway's context. */
export function embeddingsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { asked, fields, whole } = embeddingsRequest(request.body)
    const submitted = submitSeveral(context, request, reply, asked, fields)
    const { id: queryId } = submitted.accepted
    return sendAnswer(reply, submitted, whole(queryId), (vectors) => vectors.toBody({ queryId, model: '', created: 0 }))
  }
}
