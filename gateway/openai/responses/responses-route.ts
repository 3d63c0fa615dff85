/** `POST /v1/responses`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { linkedAbort } from '../../../core/run/linked-abort.ts'
import { requestOptions } from '../../answer/query-headers.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import { sendAnswer } from '../format/send-answer.ts'
import type { ResponseBody } from './asked/response-schema.ts'
import type { ResponseDesk } from './kept/response-desk.ts'
import { ResponseAnswer } from './output/response-answer.ts'
import { prepareResponse } from './prepared-response.ts'
import { responseStream } from './response-stream.ts'
import { sendKept } from './send-kept.ts'

/** The handler, for a gateway's context. */
export function responsesRoute(context: GatewayContext, desk: ResponseDesk) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const user = userOf(request)
    const prepared = await prepareResponse(desk, user, request.body)
    const { body, chat, model, fields, scope, asked, recorded } = prepared
    assertBackground(body)
    if (body.background === true) {
      desk.assertRoom(user)
      const life = linkedAbort()
      const { accepted } = submit(context, request, reply, asked, fields, life.signal)
      const { scope: wished = scope, continuation } = requestOptions(request.headers).query
      const way = defined({ scope: wished, continuation, settings: chat.settings })
      const init = { ...recorded(accepted.id, desk.now()), way }
      const running = await desk.background(user, init, life, accepted.events)
      return sendKept(context, reply, running, { stream: body.stream === true })
    }
    const submitted = submit(context, request, reply, asked, fields)
    const { id, events: told } = submitted.accepted
    const init = recorded(id, desk.now())
    const events = body.store === false ? told : desk.attended(user, init, told)
    const answered = { ...submitted, accepted: { id, events } }
    if (body.stream === true) {
      const { wantsReceipt } = submitted
      const format = responseStream(context, { record: { init, ended: undefined }, wantsReceipt })
      return sendStream(reply, answered, format, model)
    }
    const start = { queryId: id, model, created: init.created }
    return sendAnswer(reply, answered, new ResponseAnswer(id), (answer) => answer.toBody(start, body, desk.now()))
  }
}

/** Throws `BadField` for a response that nobody could come back to. */
function assertBackground({ background, store }: ResponseBody): void {
  if (background === true && store === false) {
    throw new BadField('background', 'needs store: true, or nobody could read the answer')
  }
}
