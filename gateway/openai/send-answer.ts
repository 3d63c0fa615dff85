/** An answer in one piece: all events, then one JSON body. */
import type { FastifyReply } from 'fastify'
import type { EndEvent, QueryEvent } from '../../core/query-event.ts'
import { answerHeaders } from '../answer-headers.ts'
import type { Submitted } from '../submit.ts'

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
  return reply
    .headers(answerHeaders({ queryId: accepted.id, node, receipt: end?.receipt }))
    .header('content-type', 'application/json; charset=utf-8')
    .send(toJson(gathering))
}
