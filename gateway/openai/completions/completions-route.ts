/**
 * `POST /v1/completions`: a text is gone on with as it is, without a template around it, for editors, base models and
 * programs from before chats. Where an engine has no such thing the query is refused: an answer to the text would be
 * something else.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../../core/check-value.ts'
import type { DoorRequest } from '../../answer/door-request.ts'
import { submitSeveral } from '../../answer/several.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { sendAnswer, sendPieces } from '../format/send-answer.ts'
import { CompletionAnswer } from './completion-answer.ts'
import { CompletionChunks } from './completion-chunks.ts'
import { type CompletionBody, completionsSchema, toCompletions } from './completions-request.ts'

interface CompletionsRequest extends DoorRequest {
  readonly body: CompletionBody
  readonly echoes: readonly string[]
}

/** A request of this door; `sent`: its body as it came. Throws `BadField`, `PROMPT_TOO_LARGE`. */
export function completionsRequest(sent: unknown): CompletionsRequest {
  const body = checkValue(completionsSchema, sent)
  const model = body.model ?? ''
  const { bodies, echoes } = toCompletions(body, sent)
  return {
    body,
    echoes,
    model,
    asked: bodies.map((each) => ({ type: 'chat', model, body: each })),
    fields: askedFields(sent, completionsSchema, { settings: true }),
    whole: () => new CompletionAnswer(echoes),
  }
}

/** The handler, for a gateway's context. */
export function completionsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { body, echoes, model, asked, fields } = completionsRequest(request.body)
    const submitted = submitSeveral(context, request, reply, asked, fields)
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
