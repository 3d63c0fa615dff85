/**
 * The two ways in which an OpenAI endpoint answers: all events as one JSON body, or server-sent events of data lines.
 */
import type { FastifyReply } from 'fastify'
import type { Logger } from '../../../core/logger.ts'
import type { EndEvent, StartEvent } from '../../../core/query/query-event.ts'
import { KeepAwake } from '../../answer/keep-awake.ts'
import { answerHeaders, STREAM_HEADERS } from '../../answer/query-headers.ts'
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

/**
 * Feeds the events to `gathering` and sends the body that `toBody` then makes of it, with our own field added. Throws
 * while the status is open; an error after white space has fixed it is sent as the body.
 */
export async function sendAnswer<G extends Gathering>(
  reply: FastifyReply,
  { accepted, wantsReceipt, ignored, clock, log }: Submitted,
  gathering: G,
  toBody: (gathering: G) => object,
): Promise<FastifyReply> {
  let start: StartEvent | undefined
  // Past fastify's own way of sending, which looks for hooks and serializers that we do not have.
  const response = reply.raw
  const headers = (): Record<string, string> => ({
    ...answerHeaders({
      queryId: accepted.id,
      node: gathering.node,
      engine: start?.engine,
      receipt: gathering.end?.receipt,
      ignored: start === undefined ? undefined : ignored(start),
    }),
    'content-type': 'application/json; charset=utf-8',
  })
  const awake = new KeepAwake({ response, clock }, () => ({ ...headers(), ...STREAM_HEADERS }))
  try {
    for await (const event of accepted.events) {
      if (event.kind === 'start') start = event
      gathering.add(event)
    }
    const realmesh = extrasOf(gathering.end, wantsReceipt)
    const body = JSON.stringify(Object.assign(toBody(gathering), { realmesh }))
    if (!response.headersSent) {
      response.writeHead(200, { ...headers(), 'content-length': String(Buffer.byteLength(body)) })
    }
    response.end(body)
  } catch (error) {
    if (!response.headersSent) throw error
    response.end(openAiErrorBody(problemOf(error, log)))
  } finally {
    awake.release()
  }
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
