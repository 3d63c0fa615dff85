/** The event stream of Anthropic's `/v1/messages` as query events. */
import type { FinishReason, QueryEvent } from '../../core/query/query-event.ts'
import { finishReason } from '../adapter/finish-reason.ts'
import { ToolCalls, withCalls } from '../adapter/tool-calls.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { streamedError } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, asString, type JsonObject } from '../http/json-shape.ts'
import { eventObject, SseReader } from '../http/sse-reader.ts'

export class AnthropicDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #events: SseReader
  readonly #calls: ToolCalls
  #out: QueryEvent[] = []
  #ended = false
  #finish: FinishReason | undefined
  #promptTokens = 0
  #completionTokens = 0

  /** `queryId` makes the ids of tool calls that have none. */
  constructor(init: { readonly engine: string; readonly queryId: string }) {
    this.#engine = init.engine
    this.#calls = new ToolCalls({ engine: init.engine, idPrefix: init.queryId })
    this.#events = new SseReader({
      engine: init.engine,
      onData: (data) => {
        if (!this.#ended) this.#event(eventObject(init.engine, data))
      },
    })
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
  }

  #event(event: JsonObject): void {
    switch (event['type']) {
      case 'message_start':
        this.#count(asObject(asObject(event['message'])?.['usage']))
        return
      case 'content_block_start':
        this.#blockStart(asNumber(event['index']) ?? 0, asObject(event['content_block']) ?? {})
        return
      case 'content_block_delta':
        this.#delta(asNumber(event['index']) ?? 0, asObject(event['delta']) ?? {})
        return
      case 'message_delta':
        this.#finish = finishReason(this.#engine, asObject(event['delta'])?.['stop_reason']) ?? this.#finish
        this.#count(asObject(event['usage']))
        return
      case 'message_stop':
        this.#end()
        return
      case 'error':
        throw streamedError(this.#engine, event)
      default: // `ping`, `content_block_stop` and what the API may add
    }
  }

  #blockStart(index: number, block: JsonObject): void {
    if (block['type'] !== 'tool_use') return
    this.#calls.take({ index, id: block['id'], function: { name: block['name'] } }, this.#out)
  }

  #delta(index: number, delta: JsonObject): void {
    const text = asString(delta['text']) ?? asString(delta['thinking']) ?? asString(delta['partial_json']) ?? ''
    if (text === '') return
    if (delta['type'] === 'text_delta') this.#out.push({ kind: 'text', text })
    else if (delta['type'] === 'thinking_delta') this.#out.push({ kind: 'reasoning', text })
    else if (delta['type'] === 'input_json_delta') {
      this.#calls.take({ index, function: { arguments: text } }, this.#out)
    }
  }

  #count(usage: JsonObject | undefined): void {
    this.#promptTokens = asCount(usage?.['input_tokens']) ?? this.#promptTokens
    this.#completionTokens = asCount(usage?.['output_tokens']) ?? this.#completionTokens
  }

  #end(): void {
    this.#calls.finish(this.#out)
    this.#ended = true
    this.#out.push({
      kind: 'end',
      finishReason: withCalls(this.#finish ?? 'stop', this.#calls.made),
      usage: { promptTokens: this.#promptTokens, completionTokens: this.#completionTokens },
    })
  }
}
