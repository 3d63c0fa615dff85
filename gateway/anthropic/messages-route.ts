/** `POST /v1/messages`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { sendStream } from '../answer/stream-answer.ts'
import { submit } from '../answer/submit.ts'
import { sendWhole } from '../answer/whole-answer.ts'
import { problemOf } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { MessageAnswer } from './answer/message-answer.ts'
import { MessagePieces, messageEvent } from './answer/message-pieces.ts'
import { messageFields } from './asked/message-fields.ts'
import { toMessageChat } from './asked/message-request.ts'
import { type MessageBody, messageSchema } from './asked/message-schema.ts'
import { anthropicErrorBody } from './error-body.ts'

const PING = messageEvent('ping')

/** The handler, for a gateway's context. */
export function messagesRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(messageSchema, request.body)
    const { chat, skipped } = toMessageChat(body, request.body)
    const model = body.model ?? ''
    const asked = { type: 'chat' as const, model, body: chat, ...defined({ scope: body.realmesh?.scope ?? undefined }) }
    const submitted = submit(context, request, reply, asked, messageFields(body, request.body, skipped))
    const { accepted, wantsReceipt, ignored } = submitted
    // By which programs name an answer when something is wrong with it.
    reply.raw.setHeader('request-id', accepted.id)
    const shown = showsThoughts(body)
    if (body.stream !== true) {
      return sendWhole(reply, submitted, new MessageAnswer(), {
        toBody: (answer) => answer.toBody({ queryId: accepted.id, model }, shown),
        error: anthropicErrorBody,
      })
    }
    const format = {
      ignored,
      contentType: 'text/event-stream; charset=utf-8',
      ping: PING,
      remark: (text: string) => `: ${text}\n\n`,
      pieces: (start: ConstructorParameters<typeof MessagePieces>[0]) =>
        new MessagePieces(start, { shown, wantsReceipt }),
      error: (thrown: unknown) => `event: error\ndata: ${anthropicErrorBody(problemOf(thrown, context.log))}\n\n`,
    }
    return sendStream(reply, submitted, format, model)
  }
}

function showsThoughts({ thinking }: MessageBody): boolean {
  return thinking == null || thinking.type === 'disabled' || thinking.display !== 'omitted'
}
