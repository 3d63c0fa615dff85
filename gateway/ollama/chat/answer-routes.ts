/** `POST /api/chat` and `POST /api/generate`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../../core/check-value.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { draws, sendDrawing } from '../draw/draw-route.ts'
import { sendOllamaAnswer } from '../format/send-answer.ts'
import { wishedFields } from '../format/wishes.ts'
import { toOllamaChat } from './chat-request.ts'
import { ollamaChatSchema } from './chat-schema.ts'
import { generateSchema, toGenerate } from './generate-request.ts'
import { nothingAsked } from './nothing-asked.ts'

/** The handler of a chat. */
export function ollamaChatRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | object> => {
    const body = checkValue(ollamaChatSchema, request.body)
    if (!body.messages?.length) return nothingAsked(context, request, 'chat', body)
    return sendOllamaAnswer(context, request, reply, {
      kind: 'chat',
      model: body.model ?? '',
      body: toOllamaChat(body),
      fields: wishedFields(request.body, ollamaChatSchema),
      stream: body.stream !== false,
    })
  }
}

/** The handler of a text, of a single message, or of a picture where the model draws. */
export function generateRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | object> => {
    const body = checkValue(generateSchema, request.body)
    if (!body.prompt && !body.suffix && !body.images?.length) return nothingAsked(context, request, 'generate', body)
    if (draws(context, request, body.model ?? '')) return sendDrawing(context, request, reply)
    return sendOllamaAnswer(context, request, reply, {
      kind: 'generate',
      model: body.model ?? '',
      body: toGenerate(body),
      fields: wishedFields(request.body, generateSchema),
      stream: body.stream !== false,
    })
  }
}
