/** A chat completion as server-sent events, token by token. */
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { isContent, type QueryEvent } from '../../core/query-event.ts'
import type { AcceptedQuery } from '../../node/node-api.ts'
import { answerHeaders, STREAM_HEADERS } from '../answer-headers.ts'
import { StreamWriter } from '../stream-writer.ts'
import { ChatChunks } from './chat-chunks.ts'

export interface ChatStreamComponents {
  readonly response: ServerResponse
  readonly clock: Clock
  /** The body of an error that comes after the head. */
  readonly errorBody: (error: unknown) => string
}

export interface ChatStreamInit {
  /** As the client wrote it: shown until the serving worker names the exact model. */
  readonly model: string
  readonly includeUsage: boolean
  readonly includeReceipt: boolean
}

const PING = ': ping\n\n'

/**
 * Writes the events of `accepted` to the response until it has ended. Throws when nothing has gone out yet, so that the error gets
 * its own status; later errors end the stream as an event of their own, without a normal finish.
 */
export async function streamChat(
  accepted: AcceptedQuery,
  components: ChatStreamComponents,
  init: ChatStreamInit,
): Promise<void> {
  const facts = { queryId: accepted.id, node: undefined as string | undefined }
  const writer = new StreamWriter(components, {
    ping: PING,
    headers: () => ({ 'content-type': 'text/event-stream; charset=utf-8', ...STREAM_HEADERS, ...answerHeaders(facts) }),
  })
  const created = Math.floor(components.clock.wall() / 1000)
  let model = init.model
  let chunks: ChatChunks | undefined
  const begin = (): ChatChunks => {
    const made = new ChatChunks({ ...init, queryId: accepted.id, model, created })
    writer.write(made.role())
    return made
  }
  try {
    for await (const event of accepted.events) {
      if (event.kind === 'start') {
        // The head may have gone out, by a ping or because another node served the beginning: then a comment tells the node.
        if (writer.begun && facts.node !== event.node) writer.write(`: x-realmesh-node ${event.node}\n\n`)
        facts.node = event.node
        model = event.model
      } else if (isContent(event)) {
        chunks ??= begin()
        writer.write(pieceOf(event, chunks))
      } else if (event.kind === 'end') {
        chunks ??= begin()
        writer.end(chunks.end(event))
      }
      const ready = writer.ready()
      if (ready !== undefined) await ready
      if (writer.gone) return // leaving the loop cancels what is below
    }
  } catch (error) {
    if (!writer.begun) throw error
    writer.end(`data: ${components.errorBody(error)}\n\n`)
  } finally {
    writer.release()
  }
}

function pieceOf(event: QueryEvent, chunks: ChatChunks): string {
  if (event.kind === 'text') return chunks.text(event.text)
  if (event.kind === 'reasoning') return chunks.reasoning(event.text)
  if (event.kind === 'toolCall') return chunks.toolCall(event)
  return '' // a chat has no other content
}
