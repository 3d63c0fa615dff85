/** A response that does not wait for its end: as it stands, or its events from the first on. */
import type { FastifyReply } from 'fastify'
import { answerHeaders } from '../../answer/query-headers.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { ignoredOf } from '../../answer/submit.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import type { RunningResponse } from './kept/running-response.ts'
import { responseStream } from './response-stream.ts'

export interface SendKeptInit {
  /** @default false */
  readonly stream?: boolean
  /** Number of the last event that the client has. @default none */
  readonly after?: number | undefined
}

/** Answers with `running`, which may have ended. */
export async function sendKept(
  context: GatewayContext,
  reply: FastifyReply,
  running: RunningResponse,
  { stream = false, after }: SendKeptInit = {},
): Promise<FastifyReply> {
  const { record } = running
  const { queryId, model, fields } = record.init
  if (stream) {
    const accepted = { id: queryId, events: running.read() }
    const plain = responseStream(context, { record, wantsReceipt: false, after })
    // It has not failed: a last event would take the number of one to come.
    const cut = (): string => {
      reply.raw.destroy()
      return ''
    }
    const format = { ...plain, error: (thrown: unknown) => (running.isCutShort ? cut() : plain.error(thrown)) }
    return sendStream(reply, { accepted, clock: context.clock }, format, model)
  }
  const { node, engine } = record.start ?? {}
  const ignored = ignoredOf(context, fields)(record.start)
  return reply.headers(answerHeaders({ queryId, node, engine, ignored })).send(record.toObject())
}
