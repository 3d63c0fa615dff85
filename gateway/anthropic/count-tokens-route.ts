/** `POST /v1/messages/count_tokens`: a message as its model would count it, of which nothing is answered. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import type { QueryEvent, TokensEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { submit } from '../answer/submit.ts'
import { type Gathering, sendWhole } from '../answer/whole-answer.ts'
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
    return sendWhole(reply, submitted, new CountedMessage(), {
      toBody: (counted) => counted.toBody(),
      error: anthropicErrorBody,
    })
  }
}

class CountedMessage implements Gathering {
  #tokens: TokensEvent | undefined

  add(event: QueryEvent): void {
    if (event.kind === 'tokens') this.#tokens = event
  }

  /** `estimated`: where no tokenizer counted. Throws `ENGINE_GARBAGE` where nothing was told. */
  toBody(): object {
    if (this.#tokens === undefined) throw new RealmeshError('ENGINE_GARBAGE', 'the engine did not tell its tokens')
    const { count, estimated = false } = this.#tokens
    return { input_tokens: count, ...(estimated && { estimated }) }
  }
}
