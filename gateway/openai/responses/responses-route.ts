/** `POST /v1/responses`. Nothing is kept: each request holds its whole conversation. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { type AnswerStart, type StreamFormat, streamAnswer } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { problemOf } from '../../request/error-handler.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { sendAnswer, sseFormat } from '../format/send-answer.ts'
import { ResponseAnswer } from './response-answer.ts'
import { responseFields } from './response-fields.ts'
import { ResponsePieces } from './response-pieces.ts'
import { toResponseChat } from './response-request.ts'
import { responseSchema } from './response-schema.ts'

/** The handler, for a gateway's context. */
export function responsesRoute(context: GatewayContext) {
  const now = (): number => Math.floor(context.clock.wall() / 1000)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(responseSchema, request.body)
    const model = body.model ?? ''
    const scope = body.realmesh?.scope ?? undefined
    const { chat, skipped } = toResponseChat(body, request.body)
    const asked = { type: 'chat' as const, model, body: chat, ...defined({ scope }) }
    const submitted = submit(context, request, reply, asked, responseFields(body, request.body, skipped))
    const { accepted, wantsReceipt } = submitted
    if (body.stream !== true) {
      const start = { queryId: accepted.id, model, created: now() }
      return sendAnswer(reply, submitted, new ResponseAnswer(accepted.id), (answer) =>
        answer.toBody(start, body, now()),
      )
    }
    let pieces: ResponsePieces | undefined
    const begin = (start: AnswerStart): ResponsePieces => {
      pieces = new ResponsePieces(start, { body, wantsReceipt, now })
      return pieces
    }
    const format: StreamFormat = {
      ...sseFormat(context.log, submitted, begin),
      error: (thrown) => {
        const problem = problemOf(thrown, context.log)
        if (pieces !== undefined) return pieces.failed(problem)
        const late = begin({ queryId: accepted.id, model, created: now() })
        return late.open() + late.failed(problem)
      },
    }
    await streamAnswer(accepted, { response: reply.raw, clock: context.clock }, format, model)
    return reply.hijack()
  }
}
