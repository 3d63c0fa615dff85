/** An answer in one piece: all events, then one JSON body. */
import type { FastifyReply } from 'fastify'
import type { EndEvent, QueryEvent } from '../../../core/query/query-event.ts'
import { answerHeaders } from '../../answer/answer-headers.ts'
import type { Submitted } from '../../answer/submit.ts'

/** Something that is made of events and becomes a body. */
export interface Gathering {
  readonly node: string | undefined
  readonly end: EndEvent | undefined
  add(event: QueryEvent): void
}

/** Feeds the events to `gathering` and sends what `toJson` then says. */
export async function sendAnswer<G extends Gathering>(
  reply: FastifyReply,
  { accepted }: Submitted,
  gathering: G,
  toJson: (gathering: G) => string,
): Promise<FastifyReply> {
  for await (const event of accepted.events) gathering.add(event)
  const { node, end } = gathering
  const body = toJson(gathering)
  // Past fastify's own way of sending, which looks for hooks and serializers that we do not have.
  reply.raw.writeHead(200, {
    ...answerHeaders({ queryId: accepted.id, node, receipt: end?.receipt }),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  reply.raw.end(body)
  return reply.hijack()
}
