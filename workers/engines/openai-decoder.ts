/** The event stream of `/v1/chat/completions` as query events. */
import { createParser, type EventSourceParser } from 'eventsource-parser'
import type { EngineTimings, FinishReason, QueryEvent, Usage } from '../../core/query-event.ts'
import { garbage, streamedError } from '../http-errors.ts'
import type { AnswerDecoder } from './answer-stream.ts'
import { asNumber, asObject, asString, defined, type JsonObject, objectsOf } from './json-shape.ts'
import { LineBatches, MAX_LINE_BYTES } from './line-batches.ts'

/** What engines call the end of an answer. An unknown word counts as `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  eos_token: 'stop', // TGI
  stop_sequence: 'stop', // TGI
}

export class OpenAiDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #lines: LineBatches
  readonly #parser: EventSourceParser
  #out: QueryEvent[] = []
  #sawEvent = false
  #ended = false
  #finish: FinishReason | undefined
  #usage: Usage | undefined
  #timings: EngineTimings | undefined

  constructor(init: { readonly engine: string }) {
    this.#engine = init.engine
    this.#lines = new LineBatches({ engine: init.engine })
    this.#parser = createParser({
      maxBufferSize: MAX_LINE_BYTES,
      onEvent: ({ data }) => this.#onData(data),
      onError: (error) => {
        throw garbage(this.#engine, 'something that is not an event stream', error)
      },
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  push(chunk: Buffer, out: QueryEvent[]): void {
    const lines = this.#lines.push(chunk)
    if (lines === '') return
    this.#out = out
    this.#parser.feed(lines)
  }

  flush(out: QueryEvent[]): void {
    this.#out = out
    // A last event without its blank line, from servers that stop right behind it.
    this.#parser.feed(`${this.#lines.flush()}\n\n`)
    if (this.#finish !== undefined) this.#end()
    if (!this.#sawEvent) throw garbage(this.#engine, 'no event stream')
  }

  #onData(data: string): void {
    if (this.#ended) return
    this.#sawEvent = true
    if (data === '[DONE]') {
      this.#end()
      return
    }
    let parsed: unknown
    try {
      parsed = JSON.parse(data)
    } catch (cause) {
      throw garbage(this.#engine, 'an event that is not JSON', cause)
    }
    const chunk = asObject(parsed)
    if (chunk === undefined) throw garbage(this.#engine, 'an event that is not an object')
    this.#chunk(chunk)
  }

  #chunk(chunk: JsonObject): void {
    if (chunk['error'] !== undefined && chunk['error'] !== null) throw streamedError(this.#engine, chunk)
    if (chunk['usage'] !== undefined && chunk['usage'] !== null) this.#usage = usageOf(chunk['usage'])
    if (chunk['timings'] !== undefined) this.#timings = timingsOf(chunk['timings'])
    const choice = Array.isArray(chunk['choices']) ? asObject(chunk['choices'][0]) : undefined
    if (choice === undefined) return
    const delta = asObject(choice['delta'])
    if (delta !== undefined) this.#delta(delta)
    const reason = choice['finish_reason']
    if (typeof reason === 'string') this.#finish = FINISH_REASONS[reason] ?? 'stop'
  }

  #delta(delta: JsonObject): void {
    const reasoning = delta['reasoning_content'] ?? delta['reasoning']
    if (typeof reasoning === 'string' && reasoning !== '') this.#out.push({ kind: 'reasoning', text: reasoning })
    const text = delta['content']
    if (typeof text === 'string' && text !== '') this.#out.push({ kind: 'text', text })
    if (delta['tool_calls'] !== undefined) for (const call of objectsOf(delta['tool_calls'])) this.#toolCall(call)
  }

  #toolCall(call: JsonObject): void {
    const called = asObject(call['function'])
    this.#out.push({
      kind: 'toolCall',
      index: asNumber(call['index']) ?? 0,
      // Some engines repeat an empty id or name in later pieces.
      ...defined({ id: asString(call['id']) || undefined, name: asString(called?.['name']) || undefined }),
      arguments: asString(called?.['arguments']) ?? '',
    })
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#out.push({
      kind: 'end',
      finishReason: this.#finish ?? 'stop',
      ...defined({ usage: this.#usage, timings: this.#timings }),
    })
  }
}

function usageOf(value: unknown): Usage {
  const usage = asObject(value)
  return {
    promptTokens: asNumber(usage?.['prompt_tokens']) ?? 0,
    completionTokens: asNumber(usage?.['completion_tokens']) ?? 0,
  }
}

/** llama-server's figures. */
function timingsOf(value: unknown): EngineTimings {
  const timings = asObject(value)
  return defined<EngineTimings>({
    prefillTokensPerSecond: asNumber(timings?.['prompt_per_second']),
    decodeTokensPerSecond: asNumber(timings?.['predicted_per_second']),
  })
}
