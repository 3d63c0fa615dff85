/** The event stream of `/v1/chat/completions` as query events. */
import { defined } from '../../core/defined.ts'
import type { EngineTimings, FinishReason, QueryEvent, Usage } from '../../core/query/query-event.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { streamedError } from '../http/http-errors.ts'
import { asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { eventObject, SseReader } from '../http/sse-reader.ts'

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
  readonly #events: SseReader
  #out: QueryEvent[] = []
  #ended = false
  #finish: FinishReason | undefined
  #usage: Usage | undefined
  #timings: EngineTimings | undefined

  constructor(init: { readonly engine: string }) {
    this.#engine = init.engine
    this.#events = new SseReader({ engine: init.engine, onData: (data) => this.#onData(data) })
  }

  get ended(): boolean {
    return this.#ended
  }

  push(chunk: Buffer, out: QueryEvent[]): void {
    this.#out = out
    this.#events.push(chunk)
  }

  flush(out: QueryEvent[]): void {
    this.#out = out
    this.#events.flush()
    // Servers that leave out the mark but gave a reason have ended all the same.
    if (this.#finish !== undefined) this.#end()
  }

  #onData(data: string): void {
    if (this.#ended) return
    if (data === '[DONE]') this.#end()
    else this.#chunk(eventObject(this.#engine, data))
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
