/** OpenAI's streams: server-sent events of data lines only. */
import type { Logger } from '../../../core/logger.ts'
import type { AnswerPieces, AnswerStart, StreamFormat } from '../../answer/stream-answer.ts'
import { problemOf } from '../../request/error-handler.ts'
import { openAiErrorBody } from './error-body.ts'

/** The mark behind the last chunk of a complete answer. */
export const DONE = 'data: [DONE]\n\n'

/** The format with the chunks of one endpoint. */
export function sseFormat(log: Logger, pieces: (start: AnswerStart) => AnswerPieces): StreamFormat {
  return {
    contentType: 'text/event-stream; charset=utf-8',
    ping: ': ping\n\n',
    remark: (text) => `: ${text}\n\n`,
    pieces,
    error: (thrown) => `data: ${openAiErrorBody(problemOf(thrown, log))}\n\n`,
  }
}
