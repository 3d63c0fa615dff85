/** `llama`: a GGUF file run by llama.cpp in a process of the node's own, for machines without any engine. */

import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import { type ChatMessage, type ChatQuery, isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, typeRefused } from '../adapter/capability-check.ts'
import { textOf } from '../adapter/chat-parts.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { abortError, sanitizeEngineText } from '../http/http-errors.ts'
import { LlamaProcess } from './llama-process.ts'
import type { FromLlama, LlamaChatRequest, LlamaEmbedRequest, LlamaTurn } from './messages.ts'

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
  readonly #process: LlamaProcess
  readonly #name: string
  #model: Model | undefined
  #nextId = 1

  constructor(init: LlamaInit) {
    const modelFile = init.modelFile.startsWith('file:') ? fileURLToPath(init.modelFile) : init.modelFile
    this.url = 'builtin:'
    this.defaultSlots = init.sequences ?? 4
    this.#name = basename(modelFile).replace(/\.gguf$/i, '')
    this.#process = new LlamaProcess({
      modelFile,
      module: init.module ?? 'node-llama-cpp',
      gpu: init.gpu ?? false,
      threads: init.threads ?? Math.max(1, availableParallelism() - 1),
      sequences: this.defaultSlots,
      contextSize: init.contextSize ?? 4096,
    })
  }

  /** Process id of llama.cpp while it runs. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  async models(): Promise<readonly Model[]> {
    const { contextLength } = await this.#process.ready()
    this.#model = {
      name: this.#name,
      types: ['chat', 'embed'],
      capabilities: { vision: false, tools: false, reasoning: false, structured: true, prefill: true },
      contextLength,
    }
    return [this.#model]
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    checkCapabilities(this.#model, query)
    const id = this.#nextId++
    const request = requestOf(this.kind, id, query)
    if (signal.aborted) throw abortError(signal)
    const { sequences } = await this.#process.ready()
    if (signal.aborted) throw abortError(signal)
    if (this.#process.running >= sequences) throw new RealmeshError('ENGINE_BUSY', 'all places of llama are taken')
    yield* this.#answer(request, signal)
  }

  async load(): Promise<EngineLoad> {
    const warm = this.pid === undefined ? [] : [this.#name]
    return { slots: this.defaultSlots, running: this.#process.running, warmModels: warm }
  }

  async probe(): Promise<void> {
    await this.#process.ready()
  }

  async close(): Promise<void> {
    await this.#process.close()
  }

  /** The messages of one query as events. What waits for a slow reader is bounded by the context, a few thousand tokens. */
  async *#answer(request: LlamaChatRequest | LlamaEmbedRequest, signal: CancelSignal): AsyncGenerator<QueryEvent> {
    const { id } = request
    let waiting: FromLlama[] = []
    let failure: RealmeshError | undefined
    let wake: () => void = () => {}
    const fail = (error: RealmeshError): void => {
      failure ??= error
      wake()
    }
    const silence = this.#process.listen(
      id,
      (message) => {
        waiting.push(message)
        wake()
      },
      fail,
    )
    const onAbort = (): void => {
      this.#process.send({ type: 'cancel', id })
      fail(abortError(signal))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    let ended = false
    try {
      this.#process.send(request)
      for (let vectors = 0; ; ) {
        if (waiting.length === 0 && failure === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const batch = waiting
        waiting = []
        for (const message of batch) {
          if (signal.aborted) throw abortError(signal)
          ended = message.type === 'end' || message.type === 'error'
          yield eventOf(message, vectors)
          if (message.type === 'vector') vectors += 1
          if (ended) return
        }
        if (failure !== undefined) throw failure
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      silence()
      if (!ended && !signal.aborted) this.#process.send({ type: 'cancel', id })
    }
  }
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

function chatRequest(id: number, { body }: ChatQuery): LlamaChatRequest {
  return {
    type: 'chat',
    id,
    turns: body.messages.map(turnOf),
    sampling: body.sampling ?? {},
    format: body.responseFormat ?? { type: 'text' },
    ...defined({ prefill: body.prefill }),
  }
}
