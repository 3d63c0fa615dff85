/** A query's events as one JSON body, in whichever format an API family has. */
import type { FastifyReply } from 'fastify'
import type { EndEvent, StartEvent } from '../../core/query/query-event.ts'
import { type ErrorBody, problemOf } from '../request/error-handler.ts'
import { extrasOf } from './extras.ts'
import { KeepAwake } from './keep-awake.ts'
import { answerHeaders, STREAM_HEADERS } from './query-headers.ts'
import type { ChoiceEvent } from './several.ts'
import type { Submitted } from './submit.ts'
import { AnswerWait, isWait } from './waiting.ts'

/** Something that is made of events and becomes a body. */
export interface Gathering {
  add(event: ChoiceEvent): void
}

/** How an API family writes an answer in one piece. */
export interface WholeFormat<G extends Gathering> {
  readonly toBody: (gathering: G) => object | string
  /** What a body that is a text is called. @default it is JSON */
  readonly textType?: string
  /** An error behind the head. */
  readonly error: ErrorBody
}

/**
 * Feeds the events to `gathering` and sends the body that `toBody` then makes of it, an object with our own field
 * added. Throws while the status is open; an error after white space has fixed it is sent as the body.
 */
export async function sendWhole<G extends Gathering>(
  reply: FastifyReply,
  { accepted, wantsReceipt, ignored, clock, log }: Submitted,
  gathering: G,
  { toBody, textType, error }: WholeFormat<G>,
): Promise<FastifyReply> {
  let start: StartEvent | undefined
  let end: EndEvent | undefined
  const waiting = new AnswerWait(clock)
  // Past fastify's own way of sending, which looks for hooks and serializers that we do not have.
  const response = reply.raw
  const headers = (): Record<string, string> => ({
    ...answerHeaders({
      queryId: accepted.id,
      node: start?.node,
      engine: start?.engine,
      receipt: end?.receipt,
      ignored: ignored(start),
      queue: waiting.header,
    }),
    'content-type': textType ?? 'application/json; charset=utf-8',
  })
  const spaced = textType === undefined
  const awake = new KeepAwake({ response, clock, spaced }, () => ({ ...headers(), ...STREAM_HEADERS }))
  try {
    for await (const event of accepted.events) {
      if (event.kind === 'start') {
        start = event
        waiting.started()
      } else if (event.kind === 'end') {
        end = event
        waiting.over()
      } else if (isWait(event)) waiting.saw(event)
      gathering.add(event)
    }
    const made = toBody(gathering)
    const realmesh = extrasOf(end, wantsReceipt)
    const body = typeof made === 'string' ? made : JSON.stringify(Object.assign(made, { realmesh }))
    if (!response.headersSent) {
      response.writeHead(200, { ...headers(), 'content-length': String(Buffer.byteLength(body)) })
    }
    response.end(body)
  } catch (thrown) {
    if (!response.headersSent) throw thrown
    response.end(error(problemOf(thrown, log)))
  } finally {
    awake.release()
  }
  return reply.hijack()
}
