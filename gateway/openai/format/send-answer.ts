/**
 * The two ways in which an OpenAI endpoint answers: all events as one JSON body, or server-sent events of data lines.
 */
import type { FastifyReply } from 'fastify'
import { type AnswerPieces, type AnswerStart, type StreamFormat, sendStream } from '../../answer/stream-answer.ts'
import type { Submitted } from '../../answer/submit.ts'
import { type WaitEvent, waitFields } from '../../answer/waiting.ts'
import { type Gathering, sendWhole } from '../../answer/whole-answer.ts'
import { problemOf } from '../../request/error-handler.ts'
import { openAiErrorBody } from './answer-parts.ts'

/** As `sendWhole`, with errors as OpenAI has them. */
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

/**
 * Writes the events as the chunks of one endpoint. Throws while the status is open. A wait is told in a chunk without a
 * choice, as the usage is.
 */
export function sendPieces(
  reply: FastifyReply,
  submitted: Submitted,
  modelAsked: string,
  pieces: (start: AnswerStart) => AnswerPieces,
): Promise<FastifyReply> {
  const { accepted, clock } = submitted
  const head = { id: accepted.id, created: Math.floor(clock.wall() / 1000), model: modelAsked, choices: [] }
  const wait = (event: WaitEvent): string =>
    `data: ${JSON.stringify({ ...head, realmesh: { queue: waitFields(event) } })}\n\n`
  return sendStream(reply, submitted, { ...sseFormat(submitted, pieces), wait }, modelAsked)
}

/** The format of a stream with the chunks of one endpoint. */
export function sseFormat(
  { ignored, log }: Pick<Submitted, 'ignored' | 'log'>,
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
