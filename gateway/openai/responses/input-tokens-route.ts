/** `POST /v1/responses/input_tokens`: a request as its model would count it, of which nothing is answered. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../../core/defined.ts'
import { type Asked, submit } from '../../answer/submit.ts'
import { GatheredTokens } from '../../gathering/tokens.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import { sendAnswer } from '../format/send-answer.ts'
import type { EarlierResponses } from './kept/earlier-items.ts'
import { prepareResponse } from './prepared-response.ts'

/** The handler, for a gateway's context. `earlier`: where the user's responses are found. */
export function inputTokensRoute(context: GatewayContext, earlier: EarlierResponses) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { chat, model, fields, scope } = await prepareResponse(earlier, userOf(request), request.body)
    const asked: Asked = { type: 'tokens', model, body: { chat }, ...defined({ scope }) }
    const submitted = submit(context, request, reply, asked, fields)
    return sendAnswer(reply, submitted, new GatheredTokens(), countBody)
  }
}

function countBody({ tokens: { count, estimated = false } }: GatheredTokens): object {
  return { object: 'response.input_tokens', input_tokens: count, ...(estimated && { estimated }) }
}
