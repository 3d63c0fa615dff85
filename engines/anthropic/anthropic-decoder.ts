/** The event stream of Anthropic's `/v1/messages` as query events. */
import type { FinishReason, QueryEvent } from '../../core/query/query-event.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { streamedError } from '../http/http-errors.ts'
import { asNumber, asObject, asString, type JsonObject } from '../http/json-shape.ts'
import { eventObject, SseReader } from '../http/sse-reader.ts'

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

export class AnthropicDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #events: SseReader
  /** Index of each block that is a tool call, to its place among the tool calls. */
  readonly #toolOf = new Map<number, number>()
  #out: QueryEvent[] = []
  #ended = false
  #finish: FinishReason = 'stop'
  #promptTokens = 0
  #completionTokens = 0

  constructor(init: { readonly engine: string }) {
    this.#engine = init.engine
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
        this.#finish = FINISH_REASONS[asString(asObject(event['delta'])?.['stop_reason']) ?? ''] ?? this.#finish
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
    const place = this.#toolOf.size
    this.#toolOf.set(index, place)
    this.#out.push({
      kind: 'toolCall',
      index: place,
      id: asString(block['id']) ?? '',
      name: asString(block['name']) ?? '',
      arguments: '',
    })
  }

  #delta(index: number, delta: JsonObject): void {
    const text = asString(delta['text']) ?? asString(delta['thinking']) ?? asString(delta['partial_json']) ?? ''
    if (text === '') return
    if (delta['type'] === 'text_delta') this.#out.push({ kind: 'text', text })
    else if (delta['type'] === 'thinking_delta') this.#out.push({ kind: 'reasoning', text })
    else if (delta['type'] === 'input_json_delta') {
      this.#out.push({ kind: 'toolCall', index: this.#toolOf.get(index) ?? 0, arguments: text })
    }
  }

  #count(usage: JsonObject | undefined): void {
    this.#promptTokens = asNumber(usage?.['input_tokens']) ?? this.#promptTokens
    this.#completionTokens = asNumber(usage?.['output_tokens']) ?? this.#completionTokens
  }

  #end(): void {
    this.#ended = true
    this.#out.push({
      kind: 'end',
      finishReason: this.#finish,
      usage: { promptTokens: this.#promptTokens, completionTokens: this.#completionTokens },
    })
  }
}
