/** `POST /v1/responses`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { linkedAbort } from '../../../core/run/linked-abort.ts'
import { MAX_IGNORED_NAMES } from '../../answer/ignored-fields.ts'
import { requestOptions } from '../../answer/query-headers.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { type Asked, submit } from '../../answer/submit.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import { sendAnswer } from '../format/send-answer.ts'
import { responseFields } from './asked/response-fields.ts'
import { toResponseChat } from './asked/response-request.ts'
import { type ResponseBody, responseSchema } from './asked/response-schema.ts'
import { wholeInput } from './kept/earlier-items.ts'
import type { ResponseDesk } from './kept/response-desk.ts'
import type { RecordInit } from './kept/response-record.ts'
import { ResponseAnswer } from './output/response-answer.ts'
import { responseStream } from './response-stream.ts'
import { sendKept } from './send-kept.ts'

/** The handler, for a gateway's context. */
export function responsesRoute(context: GatewayContext, desk: ResponseDesk) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(responseSchema, request.body)
    const user = userOf(request)
    assertBackground(body)
    const input = await wholeInput(desk, user, body)
    const { chat, skipped } = toResponseChat(body, input, request.body)
    const model = body.model ?? ''
    const scope = body.realmesh?.scope ?? undefined
    const unkept = body.store === false ? { keepsTexts: false } : {}
    const asked: Asked = { type: 'chat', model, body: chat, ...defined({ scope }), ...unkept }
    const fields = responseFields(body, request.body, skipped)
    const recorded = (queryId: string): RecordInit => ({
      queryId,
      created: desk.now(),
      model,
      body: { ...body, input: input.own },
      fields: { ...fields, dropped: fields.dropped.slice(0, MAX_IGNORED_NAMES) },
    })
    if (body.background === true) {
      desk.assertRoom(user)
      const life = linkedAbort()
      const { accepted } = submit(context, request, reply, asked, fields, life.signal)
      const { scope: wished = scope, continuation } = requestOptions(request.headers).query
      const way = defined({ scope: wished, continuation, settings: chat.settings })
      const init = { ...recorded(accepted.id), way }
      const running = await desk.background(user, init, life, accepted.events)
      return sendKept(context, reply, running, { stream: body.stream === true })
    }
    const submitted = submit(context, request, reply, asked, fields)
    const { id, events: told } = submitted.accepted
    const init = recorded(id)
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
