/** The event stream of `/v1/chat/completions` as query events; a server that answers in one piece is read too. */
import { defined } from '../../core/defined.ts'
import type { TokenLogprob } from '../../core/query/logprobs.ts'
import {
  type EngineTimings,
  type FinishReason,
  type QueryEvent,
  textPiece,
  type Usage,
} from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { logprobsMissing } from '../adapter/capability-check.ts'
import { finishReason } from '../adapter/finish-reason.ts'
import { readLogprobs } from '../adapter/logprobs-reader.ts'
import { callsIn, ToolCalls, withCalls } from '../adapter/tool-calls.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { streamedError } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { eventObject, SseReader } from '../http/sse-reader.ts'
import { AlikeChunks } from './alike-chunks.ts'
import { asCompletion, deltaOf, isError, isFailure, reasoningIn, textIn } from './openai-fields.ts'

export interface OpenAiDecoderInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Makes the ids of tool calls that have none. */
  readonly queryId: string
  /** Whether only the first tool call is wanted. @default false */
  readonly singleCall?: boolean
  /** Whether the probabilities of the tokens were asked for; an answer without them is refused. @default false */
  readonly logprobs?: boolean
  /** Hears that the engine does not do what was asked. */
  readonly onLack?: (error: RealmeshError) => void
  /** Gets the model's name as the first piece tells it; may throw. */
  readonly onModel?: (name: string) => void
}

export class OpenAiDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #events: SseReader
  readonly #calls: ToolCalls
  readonly #alike = new AlikeChunks()
  /** Undefined once the model's name was told. */
  #onModel: OpenAiDecoderInit['onModel']
  readonly #wantsLogprobs: boolean
  /** Of tokens that have no text yet. */
  #logprobs: readonly TokenLogprob[] = []
  readonly #onLack: OpenAiDecoderInit['onLack']
  #out: QueryEvent[] = []
  #ended = false
  /** Whether any text has come. */
  #begun = false
  /** Tokens of the pieces that were put out. */
  #counted = 0
  #finish: FinishReason | undefined
  /** Whether some of the answer came behind the reason for its end. */
  #goesOn = false
  /** The engine's number of the answer that is read: of several, one. */
  #choice: number | undefined
  #usage: Usage | undefined
  #timings: EngineTimings | undefined

  constructor({ engine, queryId, singleCall = false, logprobs = false, onModel, onLack }: OpenAiDecoderInit) {
    this.#wantsLogprobs = logprobs
    this.#engine = engine
    this.#onModel = onModel
    this.#onLack = onLack
    this.#calls = new ToolCalls({ engine, idPrefix: queryId, single: singleCall })
    this.#events = new SseReader({
      engine,
      onData: (data, name) => this.#onData(data, name),
      onWhole: (text) => this.#chunk(asCompletion(eventObject(engine, text))),
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
    // Servers that leave out the mark but gave a reason have ended all the same.
    if (this.#finish !== undefined && !this.#goesOn) this.#end()
  }

  #onData(data: string, name: string): void {
    if (this.#ended) return
    const alike = this.#alike.read(data)
    if (alike !== undefined) {
      this.#put('text', alike.text, this.#since(alike.written))
      return
    }
    const told = data.trim()
    if (told === '[DONE]') this.#end()
    else if (name === 'error') throw streamedError(this.#engine, jsonOrText(told))
    else if (!isSignOfLife(told, name)) {
      const chunk = asCompletion(eventObject(this.#engine, told))
      this.#chunk(chunk)
      const only = onlyTextOf(chunk, this.#choice)
      if (only !== undefined && !this.#wantsLogprobs) this.#alike.learn(data, only, writtenSoFar(chunk))
    }
  }

  #chunk(chunk: JsonObject): void {
    if (isFailure(chunk)) throw streamedError(this.#engine, chunk)
    if (this.#onModel !== undefined) this.#model(chunk['model'])
    if (asObject(chunk['usage']) !== undefined) this.#usage = usageOf(chunk['usage'])
    if (chunk['timings'] !== undefined) this.#timings = timingsOf(chunk['timings'])
    const choice = this.#choiceOf(chunk)
    if (choice === undefined) return
    if (isError(choice['error'])) throw streamedError(this.#engine, choice)
    if (this.#wantsLogprobs) this.#logprobs = [...this.#logprobs, ...readLogprobs(choice['logprobs'])]
    this.#delta(deltaOf(choice), writtenSoFar(chunk))
    const finish = finishReason(this.#engine, choice['finish_reason'])
    if (finish === undefined) return
    this.#finish = finish
    this.#goesOn = false
  }

  /** The piece of the answer that is read. Engines that were not asked for several may send them all the same. */
  #choiceOf(chunk: JsonObject): JsonObject | undefined {
    const choice = objectsOf(chunk['choices']).find((each) => (this.#choice ?? numberOf(each)) === numberOf(each))
    if (choice !== undefined) this.#choice = numberOf(choice)
    return choice
  }

  #model(name: unknown): void {
    if (typeof name !== 'string' || name === '') return
    this.#onModel?.(name)
    this.#onModel = undefined
  }

  /** `written`: tokens of the answer so far, where the engine tells. */
  #delta(delta: JsonObject, written: number | undefined): void {
    const reasoning = reasoningIn(delta)
    const text = textIn(delta)
    if (reasoning !== '') this.#put('reasoning', reasoning, this.#since(written))
    if (text !== '') this.#put('text', text, this.#since(written))
    const calls = callsIn(delta)
    if (calls.length > 0) this.#goesOn = true
    for (const call of calls) this.#calls.take(call, this.#out)
  }

  /** Tokens that were not counted yet; one for a piece of an engine that does not tell. */
  #since(written: number | undefined): number {
    if (written === undefined) return 1
    return Math.max(0, written - this.#counted)
  }

  #put(kind: 'text' | 'reasoning', text: string, tokens: number): void {
    // The first words show whether the engine tells; nothing of them has gone out then.
    if (this.#wantsLogprobs && !this.#begun && this.#logprobs.length === 0) this.#lacksLogprobs()
    this.#begun = true
    this.#goesOn = true
    this.#counted += tokens
    const piece = textPiece(kind, text, tokens)
    const told = piece.kind === 'text' && this.#logprobs.length > 0
    this.#out.push(told ? { ...piece, logprobs: this.#logprobs } : piece)
    this.#logprobs = []
  }

  /** An answer of nothing needs a reason for it; calls that nobody saw are none. */
  #assertEmpty(): void {
    if (this.#finish !== undefined && this.#finish !== 'tool_calls') return
    const why = this.#finish === undefined ? 'without an answer and without a reason' : 'with tool calls and told none'
    throw new RealmeshError('ENGINE_FAILED', `${this.#engine} ended ${why}`)
  }

  #lacksLogprobs(): never {
    const error = logprobsMissing(this.#engine)
    this.#onLack?.(error)
    throw error
  }

  #end(): void {
    if (this.#ended) return
    this.#calls.finish(this.#out)
    if (!this.#begun && !this.#calls.made) this.#assertEmpty()
    this.#ended = true
    this.#out.push({
      kind: 'end',
      finishReason: withCalls(this.#finish ?? 'stop', this.#calls.made),
      ...defined({ usage: this.#usage, timings: this.#timings }),
    })
  }
}

/**
 * Tokens of the answer up to this chunk, where the engine tells with each: llama-server in its timings, vLLM as usage.
 */
function writtenSoFar(chunk: JsonObject): number | undefined {
  return (
    asCount(asObject(chunk['timings'])?.['predicted_n']) ?? asCount(asObject(chunk['usage'])?.['completion_tokens'])
  )
}

/** The number of a choice. */
function numberOf(choice: JsonObject): number {
  return asNumber(choice['index']) ?? 0
}

/** The text of a chunk that holds nothing else of the answer but its count; undefined for all others. */
function onlyTextOf(chunk: JsonObject, number: number | undefined): string | undefined {
  const [choice, ...others] = objectsOf(chunk['choices'])
  if (
    choice === undefined ||
    others.length > 0 ||
    numberOf(choice) !== number ||
    (choice['finish_reason'] ?? null) !== null
  )
    return undefined
  const delta = deltaOf(choice)
  if (callsIn(delta).length > 0 || reasoningIn(delta) !== '') return undefined
  return typeof delta['content'] === 'string' && delta['content'] !== '' ? delta['content'] : undefined
}

/**
 * Whether an event only says that the server lives: it holds nothing, or has a name of its own and no piece of an
 * answer.
 */
function isSignOfLife(data: string, name: string): boolean {
  const named = name !== '' && name !== 'message'
  return data === 'null' || (named && !data.includes('"choices"'))
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function usageOf(value: unknown): Usage {
  const usage = asObject(value)
  return {
    promptTokens: asCount(usage?.['prompt_tokens']) ?? 0,
    completionTokens: asCount(usage?.['completion_tokens']) ?? 0,
    ...defined({
      cachedTokens: asCount(asObject(usage?.['prompt_tokens_details'])?.['cached_tokens']),
      reasoningTokens: asCount(asObject(usage?.['completion_tokens_details'])?.['reasoning_tokens']),
    }),
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
