/**
 * The two ways in which an OpenAI endpoint answers: all events as one JSON body, or server-sent events of data lines.
 */
import type { FastifyReply } from 'fastify'
import type { Logger } from '../../../core/logger.ts'
import type { AnswerPieces, AnswerStart, StreamFormat } from '../../answer/stream-answer.ts'
import type { Submitted } from '../../answer/submit.ts'
import { type Gathering, sendWhole } from '../../answer/whole-answer.ts'
import { problemOf } from '../../request/error-handler.ts'
import { openAiErrorBody } from './answer-parts.ts'

/**
 * Feeds the events to `gathering` and sends the body that `toBody` then makes of it, with our own field added. Throws
 * while the status is open; an error after white space has fixed it is sent as the body.
 */
export function sendAnswer<G extends Gathering>(
  reply: FastifyReply,
  submitted: Submitted,
  gathering: G,
  toBody: (gathering: G) => object,
): Promise<FastifyReply> {
  return sendWhole(reply, submitted, gathering, { toBody, error: openAiErrorBody })
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
