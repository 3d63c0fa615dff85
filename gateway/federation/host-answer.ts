/**
 * The answer to a host's query: one JSON object, as RENT-A-HAL reads it, or lines of JSON for hosts that take them. The
 * last line is the same object without the result.
 */
import type { FastifyReply } from 'fastify'
import { defined } from '../../core/defined.ts'
import type { EndEvent, QueryEvent, StartEvent } from '../../core/query/query-event.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { AcceptedHostQuery } from '../../node/api/federation.ts'
import { STREAM_HEADERS } from '../answer/query-headers.ts'
import { StreamWriter } from '../answer/stream-writer.ts'
import { GatheredResult } from '../rentahal/query/gathered-result.ts'
import type { ResultType } from '../rentahal/query/steps.ts'
import { problemOf } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { failedWords, isOfHttp } from './federation-words.ts'

export const LINES = 'application/x-ndjson'

/** What is answered, and how. */
export interface HostAnswer {
  readonly accepted: AcceptedHostQuery
  readonly resultType: ResultType
}

/** Throws what has an HTTP status of its own; other failures are told in RENT-A-HAL's words. */
export async function wholeAnswer(context: GatewayContext, { accepted, resultType }: HostAnswer): Promise<object> {
  const { node, clock } = context
  const begun = clock.monotonic()
  const gathered = new GatheredResult(resultType)
  const seen = new AnswerEnds()
  try {
    for await (const event of accepted.events) {
      gathered.add(event)
      seen.saw(event)
    }
    const { result } = gathered
    return {
      ...{ status: 'success', result, result_type: resultType, federation_id: node.federation.id },
      ...seen.words,
      processing_time: (clock.monotonic() - begun) / 1_000,
    }
  } catch (thrown) {
    return failed(context, thrown)
  }
}

/** A failure in RENT-A-HAL's words. Throws it where HTTP has a status for it. */
export function failed({ node, log }: GatewayContext, thrown: unknown): object {
  if (isOfHttp(thrown)) throw thrown
  return failedWords(node.federation, problemOf(thrown, log), toRealmeshError(thrown).code)
}

/** Writes the events as lines until they end. Throws what fails before the first of them. */
export async function sendLines(
  context: GatewayContext,
  reply: FastifyReply,
  { accepted, resultType }: HostAnswer,
): Promise<FastifyReply> {
  const { node, clock } = context
  const headers = () => ({ 'content-type': LINES, 'x-realmesh-query': accepted.id, ...STREAM_HEADERS })
  const writer = new StreamWriter({ response: reply.raw, clock }, { headers, ping: '{}\n' })
  const seen = new AnswerEnds()
  try {
    for await (const event of accepted.events) {
      seen.saw(event)
      const words = pieceOf(event)
      if (words !== undefined) writer.write(`${JSON.stringify(words)}\n`)
      const ready = writer.ready()
      if (ready !== undefined) await ready
      if (writer.gone) return reply.hijack()
    }
    const last = { status: 'success', result_type: resultType, federation_id: node.federation.id, ...seen.words }
    writer.end(`${JSON.stringify(last)}\n`)
  } catch (thrown) {
    if (!writer.begun) throw thrown
    const words = failedWords(node.federation, problemOf(thrown, context.log), toRealmeshError(thrown).code)
    writer.end(`${JSON.stringify({ status: 'error', ...words })}\n`)
  } finally {
    writer.release()
  }
  return reply.hijack()
}

/** What the end of an answer tells. */
class AnswerEnds {
  #start: StartEvent | undefined
  #end: EndEvent | undefined

  saw(event: QueryEvent): void {
    if (event.kind === 'start') this.#start = event
    else if (event.kind === 'end') this.#end = event
  }

  get words(): object {
    const { usage, finishReason } = this.#end ?? {}
    return defined({
      model: this.#start?.model,
      finish_reason: finishReason,
      usage: usage && { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
    })
  }
}

function pieceOf(event: QueryEvent): object | undefined {
  if (event.kind === 'text') return { text: event.text, ...defined({ tokens: event.tokens }) }
  if (event.kind === 'reasoning') return { reasoning: event.text, ...defined({ tokens: event.tokens }) }
  if (event.kind === 'image') return { image: Buffer.from(event.data).toString('base64') }
  if (event.kind === 'progress') return { progress: event.fraction }
  return undefined
}
