/** `llama`: a GGUF file run by llama.cpp in a process of the node's own, for machines without any engine. */

import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import { textOf } from '../../core/query/chat-text.ts'
import {
  type ChatBody,
  type ChatMessage,
  type ChatQuery,
  isChat,
  type Query,
  type Sampling,
} from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { SamplingValues } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import { PullQueue } from '../../core/run/pull-queue.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, checkSettings, typeRefused } from '../adapter/capability-check.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { kindAbilities } from '../adapter/kind-abilities.ts'
import { promisedJson, wantsJson } from '../adapter/promised-json.ts'
import { samplingIn, templateHash } from '../adapter/sampling.ts'
import { abortError, sanitizeEngineText } from '../http/http-errors.ts'
import { pollPause } from '../http/poll-pause.ts'
import { LlamaKeeper } from './llama-keeper.ts'
import type { LlamaProcess } from './llama-process.ts'
import type { FromLlama, LlamaChatRequest, LlamaEmbedRequest, LlamaTurn } from './messages.ts'

/** A model that takes longer to read is one that loads; a small one is there at the first look. */
const LOADED_WITHIN_MS = 1_000
/** What the library takes for that which is not sent; it penalises repetition only when asked to. */
const DEFAULTS: SamplingValues = { temperature: 0, top_k: 40, top_p: 0.95, min_p: 0, repeat_penalty: 1 }

export interface LlamaInit {
  /** Path or `file:` URL of the GGUF. */
  readonly modelFile: string
  /** What is imported instead of `node-llama-cpp`: a URL of its main file. */
  readonly module?: string
  /** @default false: the builds for GPUs are hundreds of megabytes and are installed by those who want them */
  readonly gpu?: boolean
  /** More threads than cores make llama.cpp spin: a thousandth of the speed. @default cores less one, at least one */
  readonly threads?: number
  /** Answers at once. @default 4 */
  readonly sequences?: number
  /** Tokens per answer, prompt included. @default 4096 */
  readonly contextSize?: number
}

export class LlamaEngine implements Engine {
  readonly kind = 'llama'
  readonly url: string
  readonly cancelMode = 'disconnect'
  readonly defaultSlots: number
  readonly #keeper: LlamaKeeper
  readonly #name: string
  #model: Model | undefined
  #nextId = 1

  constructor(init: LlamaInit) {
    const modelFile = init.modelFile.startsWith('file:') ? fileURLToPath(init.modelFile) : init.modelFile
    this.url = 'builtin:'
    this.defaultSlots = init.sequences ?? 4
    this.#name = basename(modelFile).replace(/\.gguf$/i, '')
    const settings = {
      modelFile,
      module: init.module ?? 'node-llama-cpp',
      gpu: init.gpu ?? false,
      threads: init.threads ?? Math.max(1, availableParallelism() - 1),
      sequences: this.defaultSlots,
      contextSize: init.contextSize ?? 4096,
    }
    this.#keeper = new LlamaKeeper({}, settings)
  }

  /** Process id of llama.cpp while it runs. */
  get pid(): number | undefined {
    return this.#keeper.pid
  }

  async models(): Promise<readonly Model[]> {
    const process = await this.#keeper.loaded()
    const { contextLength, template, quantization } = await process.info
    this.#model = {
      name: this.#name,
      types: ['chat', 'embed'],
      capabilities: {
        vision: false,
        tools: false,
        reasoning: false,
        structured: true,
        prefill: true,
        ...kindAbilities(this.kind),
      },
      contextLength,
      defaults: DEFAULTS,
      ...defined({
        quantization,
        digest: process.digest,
        template: template === undefined ? undefined : templateHash(template),
      }),
    }
    return [this.#model]
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    checkCapabilities(this.#model, query)
    checkSettings(this.kind, query)
    const id = this.#nextId++
    const request = requestOf(this.kind, id, query)
    if (signal.aborted) throw abortError(signal)
    const process = this.#keeper.begun()
    for await (const fraction of process.loading()) {
      if (signal.aborted) throw abortError(signal)
      yield { kind: 'progress', fraction, note: `${this.kind} loads the model` }
    }
    const { sequences } = await process.info
    if (signal.aborted) throw abortError(signal)
    if (process.running >= sequences) throw new RealmeshError('ENGINE_BUSY', 'all places of llama are taken')
    const events = answer(process, request, signal, isChat(query) ? sentSampling(query.body.sampling) : undefined)
    yield* wantsJson(query) ? promisedJson(events, { engine: this.kind, sure: true }) : events
  }

  async load(): Promise<EngineLoad> {
    const warm = this.pid === undefined ? [] : [this.#name]
    return { slots: this.defaultSlots, running: this.#keeper.running, warmModels: warm }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    const process = this.#keeper.begun()
    const wait = linkedAbort(signal)
    try {
      await Promise.race([process.info, pollPause(LOADED_WITHIN_MS, wait.signal)])
    } finally {
      wait.abort()
      wait.release()
    }
    if (!process.ready) throw new RealmeshError('ENGINE_LOADING', `${this.kind} loads its model`)
  }

  async close(): Promise<void> {
    await this.#keeper.close()
  }
}

/**
 * The messages of one query as events. What waits for a slow reader is bounded by the context, a few thousand tokens.
 */
async function* answer(
  process: LlamaProcess,
  request: LlamaChatRequest | LlamaEmbedRequest,
  signal: CancelSignal,
  sent: SamplingValues | undefined,
): AsyncGenerator<QueryEvent> {
  const { id } = request
  const messages = new PullQueue<FromLlama>()
  const silence = process.listen(
    id,
    (message) => messages.push(message),
    (error) => messages.end(error),
  )
  const onAbort = (): void => {
    process.send({ type: 'cancel', id })
    messages.fail(abortError(signal))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  let ended = false
  try {
    process.send(request)
    for (let vectors = 0; !ended; ) {
      const message = await messages.next()
      if (message === undefined) throw new TypeError('llama has no end without a message of it')
      ended = message.type === 'end' || message.type === 'error'
      const event = eventOf(message, vectors)
      yield event.kind === 'end' && sent !== undefined ? { ...event, by: { sent } } : event
      if (message.type === 'vector') vectors += 1
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    silence()
    if (!ended && !signal.aborted) process.send({ type: 'cancel', id })
  }
}

/** As the process hands it to the library, in llama.cpp's words. */
function sentSampling(from: Sampling = {}): SamplingValues {
  return samplingIn({
    max_tokens: from.maxTokens,
    temperature: from.temperature,
    top_k: from.topK,
    top_p: from.topP,
    min_p: from.minP,
    seed: from.seed,
    stop: from.stop,
    repeat_penalty: from.repeatPenalty,
    frequency_penalty: from.frequencyPenalty,
    presence_penalty: from.presencePenalty,
  })
}

function eventOf(message: FromLlama, vectors: number): QueryEvent {
  switch (message.type) {
    case 'text':
    case 'reasoning':
      return { kind: message.type, text: message.text }
    case 'vector':
      return { kind: 'embedding', index: vectors, vector: Float32Array.from(message.vector) }
    case 'end': {
      const { finishReason, promptTokens, completionTokens } = message
      return { kind: 'end', finishReason, usage: { promptTokens, completionTokens } }
    }
    case 'error':
      throw new RealmeshError(message.code, `llama: ${sanitizeEngineText(message.message)}`)
    default:
      throw new RealmeshError('ENGINE_GARBAGE', 'llama sent a message out of order')
  }
}

/** Tools are refused before; a result of one in an old conversation is read as what the user said. */
function turnOf(message: ChatMessage): LlamaTurn {
  return { role: message.role === 'tool' ? 'user' : message.role, text: textOf(message) }
}

function requestOf(engine: string, id: number, query: Query): LlamaChatRequest | LlamaEmbedRequest {
  if (query.type === 'embed') return { type: 'embed', id, inputs: query.body.inputs }
  if (!isChat(query)) throw typeRefused(engine, query)
  return chatRequest(id, query)
}

function grammarOf({ settings }: ChatBody): string | undefined {
  const grammar = settings?.['grammar']
  return typeof grammar === 'string' ? grammar : undefined
}

function chatRequest(id: number, { body }: ChatQuery): LlamaChatRequest {
  return {
    type: 'chat',
    id,
    turns: body.messages.map(turnOf),
    ...(body.raw !== undefined && { raw: body.raw.prompt + (body.prefill ?? '') }),
    sampling: body.sampling ?? {},
    format: body.responseFormat ?? { type: 'text' },
    ...defined({ prefill: body.prefill, grammar: grammarOf(body) }),
  }
}
