/** The two ways in which chat and generate answer: lines of JSON, which is the default, or one body. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ChatBody } from '../../../core/query/query.ts'
import type { AskedFields } from '../../answer/ignored-fields.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { waitFields } from '../../answer/waiting.ts'
import { sendWhole } from '../../answer/whole-answer.ts'
import { ollamaErrorBody } from '../../api/ollama-error.ts'
import { problemOf } from '../../request/error-handler.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { AnswerBody } from './answer-body.ts'
import { createdAt } from './answer-end.ts'
import { type AnswerKind, TEXT_SHAPES } from './answer-head.ts'
import { AnswerLines, type LinesInit } from './answer-lines.ts'

/** What is asked, and how the answer is to come. */
export interface OllamaAsk {
  readonly kind: AnswerKind
  readonly model: string
  readonly body: ChatBody
  readonly fields: AskedFields
  /** `false`: in one piece. */
  readonly stream: boolean
}

/** Hands the query to the node and answers with what comes of it. Throws while the status is open. */
export async function sendOllamaAnswer(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { kind, model, body, fields, stream }: OllamaAsk,
): Promise<FastifyReply> {
  const { clock, log, node } = context
  const begunAt = clock.monotonic()
  const submitted = submit(context, request, reply, { type: 'chat', model, body }, fields)
  const { accepted, wantsReceipt, ignored } = submitted
  const init: LinesInit = { kind, clock, begunAt, own: node.peerId, wantsReceipt }
  if (!stream) {
    return sendWhole(reply, submitted, new AnswerBody(), {
      toBody: (answer) => answer.toBody(model, accepted.id, init),
      error: ollamaErrorBody,
    })
  }
  const { before, after } = TEXT_SHAPES[kind]
  const head = JSON.stringify({ model, created_at: createdAt(init) }).slice(0, -1)
  // There are no comments in lines of JSON: a line without text is what every client skips.
  const empty = `${head},${before}""${after},"done":false`
  return sendStream(
    reply,
    submitted,
    {
      ignored,
      contentType: 'application/x-ndjson',
      ping: `${empty}}\n`,
      wait: (event) => `${empty},"realmesh":${JSON.stringify({ queue: waitFields(event) })}}\n`,
      pieces: (start) => new AnswerLines(start, init),
      error: (thrown) => `${ollamaErrorBody(problemOf(thrown, log))}\n`,
    },
    model,
  )
}
