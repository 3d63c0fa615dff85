/** `POST /v1/chat/completions`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayContext } from '../gateway-context.ts'
import { streamAnswer } from '../stream-answer.ts'
import { submit } from '../submit.ts'
import { parseBody } from './body-issue.ts'
import { ChatAnswer } from './chat-answer.ts'
import { ChatChunks } from './chat-chunks.ts'
import { toChatBody } from './chat-request.ts'
import { chatSchema } from './chat-schema.ts'
import { sendAnswer } from './send-answer.ts'
import { sseFormat } from './stream-format.ts'

/** The handler, for a gateway's context. */
export function chatRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = parseBody(chatSchema, request.body)
    const model = body.model ?? ''
    const scope = body.realmesh?.scope ?? undefined
    const asked = { type: 'chat' as const, model, body: toChatBody(body), ...(scope !== undefined && { scope }) }
    const submitted = submit(context, request, reply, asked)
    const { accepted, wantsReceipt } = submitted
    if (body.stream !== true) {
      const created = Math.floor(context.clock.wall() / 1000)
      return sendAnswer(reply, submitted, new ChatAnswer(), (answer) =>
        answer.toJson({ queryId: accepted.id, model, created }, wantsReceipt),
      )
    }
    const includeUsage = body.stream_options?.include_usage === true
    const format = sseFormat(context.log, (start) => new ChatChunks(start, { includeUsage, wantsReceipt }))
    await streamAnswer(accepted, { response: reply.raw, clock: context.clock }, format, model)
    return reply.hijack()
  }
}
