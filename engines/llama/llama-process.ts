/**
 * One process that holds llama.cpp, from its start to its end: what is sent to it, who listens to it, and why it ended.
 */
import type { ChildProcess } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { sanitizeEngineText } from '../http/http-errors.ts'
import type { FromLlama, LlamaInfo, LlamaSettings, ToLlama } from './messages.ts'

/** Of what llama.cpp writes, the end is kept to explain a crash. */
const KEPT_STDERR = 2_000

/** What is used of a child process. */
export type LlamaChildProcess = Pick<ChildProcess, 'pid' | 'stderr' | 'connected' | 'send' | 'kill'> &
  Pick<EventEmitter, 'on' | 'once'>

type Listener = (message: FromLlama) => void

interface Running {
  readonly message: Listener
  readonly gone: (error: RealmeshError) => void
}

export interface LlamaProcessComponents {
  readonly child: LlamaChildProcess
  readonly clock: Pick<Clock, 'monotonic'>
  /** Called once, when the process has ended and before its queries are told. */
  readonly onEnd: (livedMs: number) => void
}

export class LlamaProcess {
  /** SHA-256 of the model's file, once it is known. */
  digest: string | undefined
  readonly #components: LlamaProcessComponents
  readonly #startedAt: number
  /** One per running query. */
  readonly #running = new Map<number, Running>()
  readonly #info = Promise.withResolvers<LlamaInfo>()
  readonly #end = Promise.withResolvers<void>()
  #stderr = ''
  #over = false
  #ready = false
  /** The share of the model that is read, and the wait for the next news of it. */
  #read = 0
  #news = Promise.withResolvers<void>()

  /** Lets the process load the model. */
  constructor(components: LlamaProcessComponents, settings: LlamaSettings) {
    const { child, clock } = components
    this.#components = components
    this.#startedAt = clock.monotonic()
    this.#info.promise.catch(() => {}) // `info` gives it to its callers
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR)
    })
    child.on('message', (message: FromLlama) => this.#onMessage(message))
    child.on('error', (cause: Error) => {
      this.kill()
      this.#ended(new RealmeshError('ENGINE_FAILED', 'llama cannot be started', { cause }))
    })
    child.once('exit', (code: number | null, signal: NodeJS.Signals | null) =>
      this.#ended(this.#explained(`${signal ?? code}`)),
    )
    this.send({ type: 'load', settings })
  }

  get pid(): number | undefined {
    return this.#components.child.pid
  }

  /** Queries that run. */
  get running(): number {
    return this.#running.size
  }

  /**
   * The loaded model. Rejects with `ENGINE_FAILED` when there is none: the process is of no use then, and is killed.
   */
  get info(): Promise<LlamaInfo> {
    return this.#info.promise
  }

  /** Whether the model is loaded. */
  get ready(): boolean {
    return this.#ready
  }

  /** The share of the model that is read, 0 to 1, whenever it has grown; ends or rejects as `info` does. */
  async *loading(): AsyncGenerator<number, void> {
    while (!this.#ready) {
      const news = this.#news.promise // what comes while the reader is busy is news too
      yield this.#read
      await Promise.race([news, this.#info.promise])
    }
  }

  /** Resolves when the process has ended. */
  get end(): Promise<void> {
    return this.#end.promise
  }

  /**
   * Listens to one query's messages until the returned function is called; `gone` is called when the process ends
   * before.
   */
  listen(id: number, message: Listener, gone: (error: RealmeshError) => void): () => void {
    this.#running.set(id, { message, gone })
    return () => this.#running.delete(id)
  }

  send(message: ToLlama): void {
    const { child } = this.#components
    if (child.connected) child.send(message)
  }

  kill(): void {
    this.#components.child.kill('SIGKILL')
  }

  #onMessage(message: FromLlama): void {
    if (message.type === 'ready') {
      this.#ready = true
      this.#info.resolve(message.info)
    } else if (message.type === 'digest') this.digest = message.digest
    else if (message.type === 'loading') {
      this.#read = message.fraction
      this.#news.resolve()
      this.#news = Promise.withResolvers()
    } else if (message.type === 'unusable') {
      this.#info.reject(unusable(message))
      this.kill()
    } else this.#running.get(message.id)?.message(message)
  }

  #ended(error: RealmeshError): void {
    if (this.#over) return
    this.#over = true
    const { clock, onEnd } = this.#components
    this.#info.reject(error)
    onEnd(clock.monotonic() - this.#startedAt)
    this.#end.resolve()
    const running = [...this.#running.values()]
    this.#running.clear()
    for (const { gone } of running) gone(error)
  }

  #explained(how: string): RealmeshError {
    const words = sanitizeEngineText(this.#stderr.split('\n').filter(Boolean).at(-1) ?? '')
    return new RealmeshError('ENGINE_FAILED', `llama ended (${how})${words === '' ? '' : `: ${words}`}`)
  }
}

function unusable({ missing, message }: Extract<FromLlama, { type: 'unusable' }>): RealmeshError {
  if (!missing) return new RealmeshError('ENGINE_FAILED', `llama: ${sanitizeEngineText(message)}`)
  return new RealmeshError('ENGINE_FAILED', 'node-llama-cpp is not installed', {
    fix: 'npm install --omit=optional node-llama-cpp @node-llama-cpp/linux-x64 (see engines/README.md)',
    retryable: true,
  })
}
