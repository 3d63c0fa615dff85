/** `POST /v1/messages/count_tokens`: a message as its model would count it, of which nothing is answered. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { submit } from '../answer/submit.ts'
import { sendWhole } from '../answer/whole-answer.ts'
import { GatheredTokens } from '../gathering/tokens.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { messageFields } from './asked/message-fields.ts'
import { toMessageChat } from './asked/message-request.ts'
import { messageSchema } from './asked/message-schema.ts'
import { anthropicErrorBody } from './error-body.ts'

/** The handler, for a gateway's context. */
export function countTokensRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(messageSchema, request.body)
    const { chat, skipped } = toMessageChat(body, request.body)
    const asked = {
      type: 'tokens' as const,
      model: body.model ?? '',
      body: { chat },
      ...defined({ scope: body.realmesh?.scope ?? undefined }),
    }
    const submitted = submit(context, request, reply, asked, messageFields(body, request.body, skipped))
    reply.raw.setHeader('request-id', submitted.accepted.id)
    return sendWhole(reply, submitted, new GatheredTokens(), { toBody: countBody, error: anthropicErrorBody })
  }
}

/** `estimated`: where no tokenizer counted. */
function countBody({ tokens: { count, estimated = false } }: GatheredTokens): object {
  return { input_tokens: count, ...(estimated && { estimated }) }
}
