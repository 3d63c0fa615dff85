/**
 * The two ways in which an OpenAI endpoint answers: all events as one JSON body, or server-sent events of data lines.
 */
import type { FastifyReply } from 'fastify'
import type { Logger } from '../../../core/logger.ts'
import type { EndEvent, StartEvent } from '../../../core/query/query-event.ts'
import { answerHeaders } from '../../answer/query-headers.ts'
import type { ChoiceEvent } from '../../answer/several.ts'
import type { AnswerPieces, AnswerStart, StreamFormat } from '../../answer/stream-answer.ts'
import type { Submitted } from '../../answer/submit.ts'
import { problemOf } from '../../request/error-handler.ts'
import { extrasOf, openAiErrorBody } from './answer-parts.ts'

/** Something that is made of events and becomes a body. */
export interface Gathering {
  readonly node: string | undefined
  readonly end: EndEvent | undefined
  add(event: ChoiceEvent): void
}

/** Feeds the events to `gathering` and sends the body that `toBody` then makes of it, with our own field added. */
export async function sendAnswer<G extends Gathering>(
  reply: FastifyReply,
  { accepted, wantsReceipt, ignored }: Submitted,
  gathering: G,
  toBody: (gathering: G) => object,
): Promise<FastifyReply> {
  let start: StartEvent | undefined
  for await (const event of accepted.events) {
    if (event.kind === 'start') start = event
    gathering.add(event)
  }
  const { node, end } = gathering
  const body = JSON.stringify(Object.assign(toBody(gathering), { realmesh: extrasOf(end, wantsReceipt) }))
  // Past fastify's own way of sending, which looks for hooks and serializers that we do not have.
  const headers = answerHeaders({
    queryId: accepted.id,
    node,
    engine: start?.engine,
    receipt: end?.receipt,
    ignored: start === undefined ? undefined : ignored(start),
  })
  headers['content-type'] = 'application/json; charset=utf-8'
  headers['content-length'] = String(Buffer.byteLength(body))
  reply.raw.writeHead(200, headers)
  reply.raw.end(body)
  return reply.hijack()
}

/** The mark behind the last chunk of a complete stream. */
export const DONE = 'data: [DONE]\n\n'

/** The format of a stream with the chunks of one endpoint. */
export function sseFormat(
  log: Logger,
  { ignored }: Pick<Submitted, 'ignored'>,
  pieces: (start: AnswerStart) => AnswerPieces,
): StreamFormat {
  return {
    ignored,
    contentType: 'text/event-stream; charset=utf-8',
    ping: ': ping\n\n',
    remark: (text) => `: ${text}\n\n`,
    pieces,
    error: (thrown) => `data: ${openAiErrorBody(problemOf(thrown, log))}\n\n`,
  }
}
