/** The stream of a response, as it comes or again. */
import type { AnswerStart, StreamFormat } from '../../answer/stream-answer.ts'
import { ignoredOf } from '../../answer/submit.ts'
import { problemOf } from '../../request/error-handler.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { sseFormat } from '../format/send-answer.ts'
import type { ResponseRecord } from './kept/response-record.ts'
import { ResponsePieces } from './output/response-pieces.ts'

export interface ResponseStreamInit {
  /** What is asked and what came. */
  readonly record: Pick<ResponseRecord, 'init' | 'ended'>
  readonly wantsReceipt: boolean
  /** Number of the last event that the client has. @default none */
  readonly after?: number | undefined
  /** A failure is its last event alone. @default false */
  readonly endsOnce?: boolean
}

/** The format. An error of any time is told within the stream, once that has begun. */
export function responseStream(
  context: GatewayContext,
  { record, wantsReceipt, after, endsOnce = false }: ResponseStreamInit,
): StreamFormat {
  const { log, clock } = context
  const { queryId, created, model, body, fields } = record.init
  const now = (): number => record.ended ?? Math.floor(clock.wall() / 1000)
  let pieces: ResponsePieces | undefined
  const begin = (start: AnswerStart): ResponsePieces => {
    pieces = new ResponsePieces({ ...start, created }, { body, wantsReceipt, now, after, endsOnce })
    return pieces
  }
  return {
    ...sseFormat({ log, ignored: ignoredOf(context, fields) }, begin),
    opensFirst: true,
    wait: (event) => pieces?.wait(event) ?? '',
    error: (thrown) => {
      const problem = problemOf(thrown, log)
      if (pieces !== undefined) return pieces.failed(problem)
      const late = begin({ queryId, model, created })
      return late.open() + late.failed(problem)
    },
  }
}
