/** `POST /v1/chat/completions`. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import type { DoorRequest } from '../../answer/door-request.ts'
import { submitSeveral } from '../../answer/several.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { choicesOf } from '../format/choices.ts'
import { sendAnswer, sendPieces } from '../format/send-answer.ts'
import { ChatAnswer } from './chat-answer.ts'
import { ChatChunks } from './chat-chunks.ts'
import { toChatBody } from './chat-request.ts'
import { type ChatCompletionBody, chatSchema } from './chat-schema.ts'

/** A request of this door; `sent`: its body as it came. Throws `BadField`, `PROMPT_TOO_LARGE`. */
export function chatRequest(sent: unknown): DoorRequest & { readonly body: ChatCompletionBody } {
  const body = checkValue(chatSchema, sent)
  const model = body.model ?? ''
  const scope = body.realmesh?.scope ?? undefined
  const choices = choicesOf(toChatBody(body, sent), body.n ?? 1)
  return {
    body,
    model,
    asked: choices.map((each) => ({ type: 'chat', model, body: each, ...defined({ scope }) })),
    fields: askedFields(sent, chatSchema, { settings: true }),
    whole: () => new ChatAnswer(),
  }
}

/** The handler, for a gateway's context. */
export function chatRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { body, model, asked, fields } = chatRequest(request.body)
    const submitted = submitSeveral(context, request, reply, asked, fields)
    const { accepted, wantsReceipt } = submitted
    if (body.stream !== true) {
      const created = Math.floor(context.clock.wall() / 1000)
      return sendAnswer(reply, submitted, new ChatAnswer(), (answer) =>
        answer.toBody({ queryId: accepted.id, model, created }),
      )
    }
    const includeUsage = body.stream_options?.include_usage === true
    const init = { includeUsage, wantsReceipt, choices: asked.length }
    return sendPieces(reply, submitted, model, (start) => new ChatChunks(start, init))
  }
}
