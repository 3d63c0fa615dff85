/**
 * Holds an answer to the JSON that was promised. Engines that keep to a format are believed while they stream and
 * checked at the end; the text of one that is not sure to is held back until it has been read, so that another can be
 * asked instead.
 */

import type { TokenLogprob } from '../../core/query/logprobs.ts'
import { type ChatBody, isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'

export interface PromisedJsonInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Whether the engine says of itself that it keeps to formats. */
  readonly sure: boolean
  /** Hears that the promise was broken. */
  readonly onBroken?: (error: RealmeshError) => void
}

/** Whether the query wants JSON. */
export function wantsJson(query: Query): boolean {
  return isChat(query) && hasFormat(query.body)
}

function hasFormat({ responseFormat }: ChatBody): boolean {
  return responseFormat !== undefined && responseFormat.type !== 'text'
}

/**
 * The events of an answer that must be JSON. An answer that was cut by its limit, or that calls tools, is let through.
 * Throws `ENGINE_GARBAGE` for other text of a sure engine, `CAPABILITY_MISSING` for that of an unsure one, of which
 * nothing was told then.
 */
export async function* promisedJson(
  events: AsyncIterable<QueryEvent>,
  { engine, sure, onBroken }: PromisedJsonInit,
): AsyncGenerator<QueryEvent> {
  let text = ''
  const logprobs: TokenLogprob[] = []
  for await (const event of events) {
    if (event.kind === 'text') {
      text += event.text
      if (!sure) {
        logprobs.push(...(event.logprobs ?? []))
        continue
      }
    }
    if (event.kind === 'end') {
      if (event.finishReason === 'stop' && !isJson(text)) {
        const error = broken(engine, sure)
        onBroken?.(error)
        throw error
      }
      if (!sure && text !== '') yield { kind: 'text', text, ...(logprobs.length > 0 && { logprobs }) }
    }
    yield event
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function broken(engine: string, sure: boolean): RealmeshError {
  if (sure) return garbage(engine, 'something else than the JSON that was promised')
  return new RealmeshError('CAPABILITY_MISSING', `${engine} does not keep to a response format`, {
    fix: 'ask for a model of an engine that does, such as llama-server, Ollama or vLLM',
  })
}
