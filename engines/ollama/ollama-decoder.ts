/** Ollama's NDJSON stream as query events. */
import { defined } from '../../core/defined.ts'
import type { EndEvent, EngineTimings, QueryEvent } from '../../core/query/query-event.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { garbage, streamedError } from '../http/http-errors.ts'
import { asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { LineBatches } from '../http/line-batches.ts'

const NS_PER_MS = 1e6
const NS_PER_S = 1e9

export class OllamaDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #queryId: string
  readonly #lines: LineBatches
  #toolCalls = 0
  #ended = false

  /** `queryId` makes the ids of tool calls for versions of Ollama that give none. */
  constructor(init: { readonly engine: string; readonly queryId: string }) {
    this.#engine = init.engine
    this.#queryId = init.queryId
    this.#lines = new LineBatches({ engine: init.engine })
  }

  get ended(): boolean {
    return this.#ended
  }

  push(chunk: Buffer, out: QueryEvent[]): void {
    const lines = this.#lines.push(chunk)
    if (lines !== '') this.#decode(lines, out)
  }

  flush(out: QueryEvent[]): void {
    this.#decode(this.#lines.flush(), out)
  }

  #decode(lines: string, out: QueryEvent[]): void {
    for (const line of lines.split('\n')) {
      if (line === '' || line === '\r' || this.#ended) continue
      this.#line(this.#parse(line), out)
    }
  }

  #parse(line: string): JsonObject {
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch (cause) {
      throw garbage(this.#engine, 'a line that is not JSON', cause)
    }
    const object = asObject(parsed)
    if (object === undefined) throw garbage(this.#engine, 'a line that is not an object')
    return object
  }

  #line(line: JsonObject, out: QueryEvent[]): void {
    if (line['error'] !== undefined) throw streamedError(this.#engine, line)
    const message = asObject(line['message'])
    if (message === undefined && line['done'] !== true) throw garbage(this.#engine, 'a line without a message')
    if (message !== undefined) this.#message(message, out)
    if (line['done'] !== true) return
    this.#ended = true
    out.push(endOf(line, this.#toolCalls > 0))
  }

  #message(message: JsonObject, out: QueryEvent[]): void {
    const { thinking, content, tool_calls: calls } = message
    if (typeof thinking === 'string' && thinking !== '') out.push({ kind: 'reasoning', text: thinking })
    if (typeof content === 'string' && content !== '') out.push({ kind: 'text', text: content })
    if (calls !== undefined) for (const call of objectsOf(calls)) this.#toolCall(call, out)
  }

  #toolCall(call: JsonObject, out: QueryEvent[]): void {
    const called = asObject(call['function'])
    const name = asString(called?.['name'])
    if (called === undefined || name === undefined) throw garbage(this.#engine, 'a tool call without a name')
    const index = this.#toolCalls++
    out.push({
      kind: 'toolCall',
      index,
      id: asString(call['id']) ?? `call_${this.#queryId}_${index}`,
      name,
      arguments: JSON.stringify(called['arguments'] ?? {}),
    })
  }
}

function rate(count: number | undefined, ns: number | undefined): number | undefined {
  return count !== undefined && ns !== undefined && ns > 0 ? (count / ns) * NS_PER_S : undefined
}

function timingsOf(line: JsonObject): EngineTimings {
  const load = asNumber(line['load_duration'])
  return defined<EngineTimings>({
    loadMs: load === undefined ? undefined : load / NS_PER_MS,
    prefillTokensPerSecond: rate(asNumber(line['prompt_eval_count']), asNumber(line['prompt_eval_duration'])),
    decodeTokensPerSecond: rate(asNumber(line['eval_count']), asNumber(line['eval_duration'])),
  })
}

function endOf(line: JsonObject, calledTools: boolean): EndEvent {
  return {
    kind: 'end',
    finishReason: calledTools ? 'tool_calls' : line['done_reason'] === 'length' ? 'length' : 'stop',
    // A prompt that Ollama had cached entirely is not counted; the field is then absent.
    usage: {
      promptTokens: asNumber(line['prompt_eval_count']) ?? 0,
      completionTokens: asNumber(line['eval_count']) ?? 0,
    },
    timings: timingsOf(line),
  }
}
