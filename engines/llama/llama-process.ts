/** The life of the process that holds llama.cpp: started when it is first needed, started again after a crash, with growing pauses. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { sanitizeEngineText } from '../http/http-errors.ts'
import type { FromLlama, LlamaInfo, LlamaSettings, ToLlama } from './messages.ts'

/** A process that lived this long was not killed by its start: the count of crashes begins anew. */
const STEADY_MS = 60_000

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** Of what llama.cpp writes, the end is kept to explain a crash. */
const KEPT_STDERR = 2_000

type Listener = (message: FromLlama) => void

/** Milliseconds to wait after the n-th crash in a row: none after the first, then doubling. */
export function restartPauseMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2))
}

export class LlamaProcess {
  readonly #settings: LlamaSettings
  /** One per running query; told `undefined`-free messages of their id, or that the process is gone. */
  readonly #listeners = new Map<number, { message: Listener; gone: (error: RealmeshError) => void }>()
  #child: ChildProcess | undefined
  #ready: Promise<LlamaInfo> | undefined
  #crashes = 0
  #notBefore = 0
  #closed = false

  constructor(settings: LlamaSettings) {
    this.#settings = settings
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Queries that run. */
  get running(): number {
    return this.#listeners.size
  }

  /** The loaded model; starts the process when there is none. Throws `ENGINE_FAILED` while it pauses after crashes. */
  ready(): Promise<LlamaInfo> {
    if (this.#closed) return Promise.reject(new RealmeshError('ENGINE_FAILED', 'llama was stopped'))
    this.#ready ??= this.#start()
    return this.#ready
  }

  /** Listens to one query's messages until the returned function is called. */
  listen(id: number, message: Listener, gone: (error: RealmeshError) => void): () => void {
    this.#listeners.set(id, { message, gone })
    return () => this.#listeners.delete(id)
  }

  send(message: ToLlama): void {
    if (this.#child?.connected === true) this.#child.send(message)
  }

  async close(): Promise<void> {
    this.#closed = true
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async #start(): Promise<LlamaInfo> {
    const wait = this.#notBefore - performance.now()
    if (wait > 0) {
      this.#ready = undefined
      throw new RealmeshError('ENGINE_FAILED', 'llama crashed and is started again soon', {
        retryAfterMs: Math.ceil(wait),
      })
    }
    const child = forkChild()
    this.#child = child
    const startedAt = performance.now()
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT_STDERR)
    })
    return new Promise<LlamaInfo>((resolve, reject) => {
      child.on('message', (message: FromLlama) => {
        if (message.type === 'ready') resolve(message.info)
        else if (message.type === 'unusable') reject(unusable(message.message))
        else this.#listeners.get(message.id)?.message(message)
      })
      child.once('error', (cause) => reject(new RealmeshError('ENGINE_FAILED', 'llama cannot be started', { cause })))
      child.once('exit', (code, signal) => {
        const error = this.#onExit(`${signal ?? code}`, stderr, performance.now() - startedAt)
        reject(error)
      })
      child.send({ type: 'load', settings: this.#settings } satisfies ToLlama)
    }).catch((error: unknown) => {
      this.#ready = undefined
      child.kill('SIGKILL')
      throw error
    })
  }

  #onExit(how: string, stderr: string, livedMs: number): RealmeshError {
    this.#child = undefined
    this.#ready = undefined
    this.#crashes = livedMs > STEADY_MS ? 1 : this.#crashes + 1
    this.#notBefore = performance.now() + restartPauseMs(this.#crashes)
    const words = sanitizeEngineText(stderr.split('\n').filter(Boolean).at(-1) ?? '')
    const error = new RealmeshError('ENGINE_FAILED', `llama ended (${how})${words === '' ? '' : `: ${words}`}`)
    for (const { gone } of [...this.#listeners.values()]) gone(error)
    return error
  }
}

function unusable(message: string): RealmeshError {
  const text = sanitizeEngineText(message)
  if (!/Cannot find (package|module)/i.test(message)) return new RealmeshError('ENGINE_FAILED', `llama: ${text}`)
  return new RealmeshError('ENGINE_FAILED', 'node-llama-cpp is not installed', {
    fix: 'npm install --omit=optional node-llama-cpp @node-llama-cpp/linux-x64 (see engines/README.md)',
    retryable: true,
  })
}

/** The sources run through tsx, the build as it is. */
function forkChild(): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts')
  const file = fileURLToPath(new URL(fromSources ? './child.ts' : './child.js', import.meta.url))
  return fork(file, [], {
    execArgv: fromSources ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}
