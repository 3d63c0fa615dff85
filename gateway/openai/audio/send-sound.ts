/** Sound as the body of an answer: bytes as they come, under the type that the engine tells. */
import type { FastifyReply } from 'fastify'
import type { StartEvent } from '../../../core/query/query-event.ts'
import { signOfLife } from '../../answer/client-signal.ts'
import { KeepAwake } from '../../answer/keep-awake.ts'
import { answerHeaders, STREAM_HEADERS } from '../../answer/query-headers.ts'
import { StreamWriter } from '../../answer/stream-writer.ts'
import type { Submitted } from '../../answer/submit.ts'
import { AnswerWait, isWait } from '../../answer/waiting.ts'

/**
 * Writes the sound until it has ended. Throws while nothing has gone out. An error behind the first byte cuts the
 * connection: there is no other word for it in a stream of bytes, and a file that looks whole would be a lie.
 */
export async function sendSound(reply: FastifyReply, { accepted, ignored, clock }: Submitted): Promise<FastifyReply> {
  const response = reply.raw
  const waiting = new AnswerWait(clock)
  let by: StartEvent | undefined
  let type = 'application/octet-stream'
  const headers = (): Record<string, string> => ({
    'content-type': type,
    ...STREAM_HEADERS,
    ...answerHeaders({
      queryId: accepted.id,
      node: by?.node,
      engine: by?.engine,
      ignored: ignored(by),
      queue: waiting.header,
    }),
  })
  const writer = new StreamWriter({ response, clock }, { headers })
  // There is no byte of sound that a client would skip: one that has ended its side counts as gone.
  signOfLife(response, () => response.destroy())
  const awake = new KeepAwake({ response, clock, spaced: false }, headers)
  try {
    for await (const event of accepted.events) {
      if (event.kind === 'start') {
        waiting.started()
        by = event
      } else if (isWait(event)) waiting.saw(event)
      else if (event.kind === 'audio') {
        if (!writer.begun) type = event.mediaType
        awake.release()
        writer.writeBytes(event.data)
      } else if (event.kind === 'end') writer.end()
      const ready = writer.ready()
      if (ready !== undefined) await ready
      if (writer.gone) break // leaving the loop cancels what is below
    }
  } catch (error) {
    if (!writer.begun) throw error
    response.destroy()
  } finally {
    awake.release()
    writer.release()
  }
  return reply.hijack()
}
