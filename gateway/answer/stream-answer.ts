/** A query's events as an answer that goes out in pieces, in whichever format an API family has. */

import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { defined } from '../../core/defined.ts'
import {
  type ContentEvent,
  type EndEvent,
  isContent,
  type ProgressEvent,
  type StartEvent,
} from '../../core/query/query-event.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { AcceptedQuery } from '../../node/api/node-api.ts'
import { answerHeaders, STREAM_HEADERS } from './query-headers.ts'
import type { ChoiceEvent, OfChoice } from './several.ts'
import { StreamWriter } from './stream-writer.ts'
import type { Submitted } from './submit.ts'
import { AnswerWait, isWait, QUEUE_HEADER, type WaitEvent, waitFields } from './waiting.ts'

/** The pieces of one answer. What a format does not say is an empty string. */
export interface AnswerPieces {
  /** Goes before the first content. */
  open(): string
  content(event: OfChoice<ContentEvent>): string
  /** Another worker goes on; absent where the pieces do not name it. */
  servedBy?(by: StartEvent): void
  /** How far the work has come, with a small picture of it at times; absent where the format has no place for it. */
  preview?(event: ProgressEvent): string
  /** The end of a choice that others outlast; absent where there is one choice only. */
  ended?(event: OfChoice<EndEvent>): string
  /** Everything from the end of the content to the end of the answer. */
  end(event: OfChoice<EndEvent>): string
}

/** What an answer's pieces may depend on: known with the first content. */
export interface AnswerStart {
  readonly queryId: string
  /** The exact model, where a worker named it; else the client's word for it. */
  readonly model: string
  /** Seconds since the epoch. */
  readonly created: number
  /** Who serves, where a worker said so. */
  readonly by?: StartEvent | undefined
}

export interface StreamFormat {
  readonly contentType: string
  /** What shows that we are alive; absent where the format has no room for comments. */
  readonly ping?: string
  /** A remark that clients skip; absent likewise. */
  readonly remark?: (text: string) => string
  /** What tells of a wait, for those who ask. @default an event of our own, where the format has room for comments */
  readonly wait?: (event: WaitEvent) => string
  /** Programs take nothing before the opening, so it goes before the first word of a wait. @default false */
  readonly opensFirst?: boolean
  readonly pieces: (start: AnswerStart) => AnswerPieces
  /** Whether the client wants to see how the work goes. @default false */
  readonly previews?: boolean
  /** Fields of the request that the engine leaves out. @default none */
  readonly ignored?: (start: StartEvent) => readonly string[]
  /** An error behind the head. */
  readonly error: (thrown: unknown) => string
}

export interface StreamAnswerComponents {
  readonly response: ServerResponse
  readonly clock: Clock
}

/** What is answered, and what the client wants to hear of it. */
export interface StreamedAnswer {
  readonly accepted: AcceptedQuery
  /** The head goes out with the first word of a wait, and each is told as an event. @default false */
  readonly wantsQueue?: boolean
}

/**
 * Writes the events of `accepted` to the response until it has ended. Throws when nothing has gone out yet, so that the
 * error gets its own status; later errors end the stream with a piece of their own and no normal finish. The node that
 * serves and the wait stand in the head; when they become known or change after the head, in a remark.
 */
export async function streamAnswer(
  { accepted, wantsQueue = false }: StreamedAnswer,
  components: StreamAnswerComponents,
  format: StreamFormat,
  modelAsked: string,
): Promise<void> {
  const created = Math.floor(components.clock.wall() / 1000)
  let by: StartEvent | undefined
  let ignored: readonly string[] | undefined
  let pieces: AnswerPieces | undefined
  const waiting = new AnswerWait(components.clock)
  const writer = new StreamWriter(components, {
    ...defined({ ping: format.ping }),
    headers: () => ({
      'content-type': format.contentType,
      ...STREAM_HEADERS,
      ...answerHeaders({ queryId: accepted.id, node: by?.node, engine: by?.engine, ignored, queue: waiting.header }),
    }),
  })
  const remark = (text: string): void => {
    if (writer.begun) writer.write(format.remark?.(text) ?? '')
  }
  const open = (): AnswerPieces => {
    waiting.over()
    const opened = format.pieces({ queryId: accepted.id, model: by?.model ?? modelAsked, created, by })
    writer.write(opened.open())
    return opened
  }
  const tell = (event: WaitEvent): void => {
    if (wantsQueue && format.opensFirst === true) pieces ??= open()
    const text = waiting.saw(event)
    if (text === undefined) return
    if (wantsQueue) writer.write((format.wait ?? waitEvent)(event))
    else remark(`${QUEUE_HEADER} ${text}`)
  }
  try {
    const events: AsyncIterable<ChoiceEvent> = accepted.events
    for await (const event of events) {
      if (isContent(event)) {
        pieces ??= open()
        writer.write(pieces.content(event))
      } else if (event.kind === 'start') {
        waiting.started()
        if (by?.node !== event.node) remark(`x-realmesh-node ${event.node}`)
        ignored = format.ignored?.(event)
        if (ignored?.length) remark(`x-realmesh-ignored ${ignored.join(', ')}`)
        by = event
        pieces?.servedBy?.(event)
      } else if (isWait(event)) {
        if (event.kind === 'progress' && format.previews === true) {
          pieces ??= open()
          writer.write(pieces.preview?.(event) ?? '')
        }
        tell(event)
      } else if (event.kind === 'end') {
        pieces ??= open()
        if (event.more === true) writer.write(pieces.ended?.(event) ?? '')
        else writer.end(pieces.end(event))
      }
      const ready = writer.ready()
      if (ready !== undefined) await ready
      if (writer.gone) return // leaving the loop cancels what is below
    }
  } catch (error) {
    if (!writer.begun) throw error
    writer.end(format.error(error))
  } finally {
    writer.release()
  }
}

/** An event of server-sent ones that no dialect has: programs that do not know it skip it. */
function waitEvent(event: WaitEvent): string {
  return `event: realmesh.queue\ndata: ${JSON.stringify({ type: 'realmesh.queue', ...waitFields(event) })}\n\n`
}

/** The same for a handler. */
export async function sendStream(
  reply: FastifyReply,
  { clock, ...answer }: StreamedAnswer & Pick<Submitted, 'clock'>,
  format: StreamFormat,
  modelAsked: string,
): Promise<FastifyReply> {
  await streamAnswer(answer, { response: reply.raw, clock }, format, modelAsked)
  return reply.hijack()
}
