/** `POST /v1/chat/completions`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AcceptedQuery } from '../../node/node-api.ts'
import { answerHeaders } from '../answer-headers.ts'
import { clientSignal } from '../client-signal.ts'
import { problemOf } from '../error-handler.ts'
import { type GatewayContext, userOf } from '../gateway-context.ts'
import { requestOptions } from '../request-options.ts'
import { parseBody } from './body-issue.ts'
import { ChatAnswer } from './chat-answer.ts'
import { toChatBody } from './chat-request.ts'
import { chatSchema } from './chat-schema.ts'
import { streamChat } from './chat-stream.ts'
import { openAiErrorBody } from './error-body.ts'

/** The handler, for a gateway's context. */
export function chatRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { receipt, ...options } = requestOptions(request.headers)
    const body = parseBody(chatSchema, request.body)
    const model = body.model ?? ''
    const accepted = context.node.query(
      { type: 'chat', model, user: userOf(request), body: toChatBody(body), ...options },
      { signal: clientSignal(reply.raw) },
    )
    if (body.stream !== true) return sendAnswer(context, reply, accepted, { model, includeReceipt: receipt })
    await streamChat(
      accepted,
      {
        response: reply.raw,
        clock: context.clock,
        errorBody: (error) => openAiErrorBody(problemOf(error, context.log)),
      },
      { model, includeUsage: body.stream_options?.include_usage === true, includeReceipt: receipt },
    )
    return reply.hijack()
  }
}

async function sendAnswer(
  context: GatewayContext,
  reply: FastifyReply,
  accepted: AcceptedQuery,
  init: { readonly model: string; readonly includeReceipt: boolean },
): Promise<FastifyReply> {
  const answer = new ChatAnswer()
  for await (const event of accepted.events) answer.add(event)
  const facts = { queryId: accepted.id, node: answer.node, receipt: answer.end?.receipt }
  const created = Math.floor(context.clock.wall() / 1000)
  return reply
    .headers(answerHeaders(facts))
    .header('content-type', 'application/json; charset=utf-8')
    .send(answer.toJson({ ...init, queryId: accepted.id, created }))
}
