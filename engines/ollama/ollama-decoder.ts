/** Ollama's NDJSON stream as query events. */
import { defined } from '../../core/defined.ts'
import type { TokenLogprob } from '../../core/query/logprobs.ts'
import type { EngineTimings, QueryEvent, TextEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { logprobsMissing } from '../adapter/capability-check.ts'
import { finishReason } from '../adapter/finish-reason.ts'
import { readLogprobs } from '../adapter/logprobs-reader.ts'
import { callsIn, ToolCalls, withCalls } from '../adapter/tool-calls.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { parseEngineJson } from '../http/engine-json.ts'
import { garbage, streamedError } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, contentText, type JsonObject } from '../http/json-shape.ts'
import { LineBatches } from '../http/line-batches.ts'

const NS_PER_MS = 1e6
const NS_PER_S = 1e9

export interface OllamaDecoderInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Makes the ids of tool calls for versions of Ollama that give none. */
  readonly queryId: string
  /** Whether only the first tool call is wanted: Ollama itself cannot be told. @default false */
  readonly singleCall?: boolean
  /** Whether the probabilities of the tokens were asked for; versions before 0.12.11 do not tell. @default false */
  readonly logprobs?: boolean
}

export class OllamaDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #lines: LineBatches
  readonly #calls: ToolCalls
  readonly #wantsLogprobs: boolean
  /** Of tokens that have no text yet. */
  #logprobs: readonly TokenLogprob[] = []
  /** Whether probabilities have come. */
  #told = false
  #ended = false
  /** Whether a line was read. */
  #begun = false

  constructor(init: OllamaDecoderInit) {
    this.#engine = init.engine
    this.#wantsLogprobs = init.logprobs ?? false
    this.#calls = new ToolCalls({ engine: init.engine, idPrefix: init.queryId, single: init.singleCall ?? false })
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
    const rest = this.#lines.flush()
    // A line that was cut says nothing: the answer stopped in its middle.
    if (this.#begun && !isJson(rest)) return
    this.#decode(rest, out)
  }

  #decode(lines: string, out: QueryEvent[]): void {
    for (const line of lines.split('\n')) {
      if (line.trim() === '' || this.#ended) continue
      this.#line(this.#parse(line), out)
    }
  }

  #parse(line: string): JsonObject {
    let parsed: unknown
    try {
      parsed = parseEngineJson(line)
    } catch (cause) {
      throw garbage(this.#engine, 'a line that is not JSON', cause)
    }
    const object = asObject(parsed)
    if (object === undefined) throw garbage(this.#engine, 'a line that is not an object')
    return object
  }

  #line(line: JsonObject, out: QueryEvent[]): void {
    this.#begun = true
    if (isFailure(line)) throw streamedError(this.#engine, line)
    const message = asObject(line['message']) ?? generated(line)
    if (message === undefined && line['done'] !== true) throw garbage(this.#engine, 'a line without a message')
    if (this.#wantsLogprobs) this.#logprobs = [...this.#logprobs, ...readLogprobs(line['logprobs'])]
    if (message !== undefined) this.#message(message, out)
    if (line['done'] === true) this.#end(line, out)
  }

  #message(message: JsonObject, out: QueryEvent[]): void {
    const { thinking } = message
    const content = contentText(message['content'])
    if (typeof thinking === 'string' && thinking !== '') {
      this.#logprobs = []
      out.push({ kind: 'reasoning', text: thinking })
    }
    if (content !== '') out.push(this.#text(content))
    for (const call of callsIn(message)) this.#calls.take(call, out)
  }

  #text(text: string): TextEvent {
    if (!this.#wantsLogprobs) return { kind: 'text', text }
    const logprobs = this.#logprobs
    if (logprobs.length === 0 && !this.#told) throw logprobsMissing(this.#engine)
    this.#told = true
    this.#logprobs = []
    return { kind: 'text', text, logprobs }
  }

  #end(line: JsonObject, out: QueryEvent[]): void {
    const reason = line['done_reason']
    if (reason === 'load' || reason === 'unload') throw nothingToAnswer(this.#engine, reason)
    this.#calls.finish(out)
    const finish = finishReason(this.#engine, reason) ?? 'stop' // old versions give none
    this.#ended = true
    out.push({
      kind: 'end',
      finishReason: withCalls(finish, this.#calls.made),
      // A prompt that Ollama had cached entirely is not counted; the field is then absent.
      usage: {
        promptTokens: asCount(line['prompt_eval_count']) ?? 0,
        completionTokens: asCount(line['eval_count']) ?? 0,
      },
      timings: timingsOf(line),
    })
  }
}

/** What `/api/generate` says, as `/api/chat` would. */
function generated({ response, thinking }: JsonObject): JsonObject | undefined {
  return typeof response === 'string' ? { content: response, thinking } : undefined
}

function isFailure({ error }: JsonObject): boolean {
  return error !== undefined && error !== null && error !== ''
}

/** What Ollama says to a conversation in which nobody asked anything. */
function nothingToAnswer(engine: string, what: string): RealmeshError {
  return new RealmeshError('BAD_REQUEST', `${engine} did nothing but ${what} the model: there was nothing to answer`, {
    fix: 'send a message of the user',
  })
}

function isJson(text: string): boolean {
  try {
    parseEngineJson(text)
    return true
  } catch {
    return false
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
