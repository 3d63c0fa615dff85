/**
 * `POST /v1/completions`: a text is gone on with as it is, without a template around it, for editors, base models and
 * programs from before chats. Where an engine has no such thing the query is refused: an answer to the text would be
 * something else.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../../core/check-value.ts'
import { submitSeveral } from '../../answer/several.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { sendAnswer, sendPieces } from '../format/send-answer.ts'
import { CompletionAnswer } from './completion-answer.ts'
import { CompletionChunks } from './completion-chunks.ts'
import { completionsSchema, toCompletions } from './completions-request.ts'

/** The handler, for a gateway's context. */
export function completionsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(completionsSchema, request.body)
    const model = body.model ?? ''
    const { bodies, echoes } = toCompletions(body, request.body)
    const asked = bodies.map((each) => ({ type: 'chat' as const, model, body: each }))
    const submitted = submitSeveral(
      context,
      request,
      reply,
      asked,
      askedFields(request.body, completionsSchema, { settings: true }),
    )
    const { accepted, wantsReceipt } = submitted
    if (body.stream !== true) {
      const start = { queryId: accepted.id, model, created: Math.floor(context.clock.wall() / 1000) }
      return sendAnswer(reply, submitted, new CompletionAnswer(echoes), (answer) => answer.toBody(start))
    }
    const includeUsage = body.stream_options?.include_usage === true
    const init = { includeUsage, wantsReceipt }
    return sendPieces(reply, submitted, model, (start) => new CompletionChunks(start, echoes, init))
  }
}
