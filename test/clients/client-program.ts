/**
 * A client program as a process of its own: one line of JSON in for each thing to do, one line out for what came of it.
 * The first line out is its version. What it prints on stderr is kept for failures.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Feature } from './features.ts'

/** What a program is asked for: the words and the numbers. It brings none of its own. */
export interface Ask {
  readonly model: string
  readonly prompt?: string
  readonly maxTokens?: number
  /** A JSON schema that the answer must follow. */
  readonly schema?: object
  /** Names of tools, each with one parameter `place`, and what each returns. */
  readonly tools?: readonly string[]
  readonly result?: string
  /** A `data:` address. */
  readonly image?: string
  readonly effort?: string
  /** Texts for vectors. */
  readonly inputs?: readonly string[]
  /** The address of the API, with `/v1`. @default the gateway's own */
  readonly base?: string
  /** The API key. @default 'none' */
  readonly key?: string
  /** Headers beside the program's own. */
  readonly headers?: Readonly<Record<string, string>>
}

export type Task = Ask & { readonly feature: Feature; readonly base: string }

/** An exception of the program. */
export interface ClientError {
  /** The class. */
  readonly name: string
  readonly status: number | null
  readonly code: string | null
  readonly message: string
}

/** What came of a task: the program's own account, or its exception. */
export interface Outcome {
  readonly value?: Readonly<Record<string, unknown>>
  readonly error?: ClientError
}

/** How long a program may take to end by itself. */
const LAST_WORDS_MS = 5_000

const HERE = new URL('./', import.meta.url)
const NODE_PACKAGES = fileURLToPath(new URL('node_modules/.realmesh-stamp', HERE))

/** Nothing of these programs may look at the Internet or at the keys of the shell that runs the tests. */
const QUIET = {
  OPENAI_API_KEY: 'none',
  LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  LANGSMITH_TRACING: 'false',
  OPENAI_AGENTS_DISABLE_TRACING: '1',
  DO_NOT_TRACK: '1',
  HF_HUB_OFFLINE: '1',
  PYTHONUNBUFFERED: '1',
  NO_COLOR: '1',
}

/** Why the Node programs cannot run here; undefined when they can. */
export function nodeClientsMissing(): string | undefined {
  return existsSync(NODE_PACKAGES) ? undefined : 'the programs are not installed (node scripts/install-clients.mjs)'
}

/** The interpreter of a Python environment that `scripts/install-clients.mjs --python` makes. */
export function pythonOf(environment: string): string {
  return fileURLToPath(new URL(`.cache/${environment}/bin/python`, HERE))
}

/** Why the programs of that environment cannot run here; undefined when they can. */
export function pythonClientsMissing(environment: string): string | undefined {
  if (existsSync(fileURLToPath(new URL(`.cache/${environment}/.realmesh-stamp`, HERE)))) return undefined
  return `not installed (node scripts/install-clients.mjs --python=${environment})`
}

export class ClientProgram {
  readonly version: string
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #said: () => string

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, said: () => string, version: string) {
    this.#child = child
    this.#lines = lines
    this.#said = said
    this.version = version
  }

  /** Starts `programs/{file}`, a Python one by the interpreter given, and waits for its first line. */
  static async start(file: string, python: string = process.execPath): Promise<ClientProgram> {
    const child = spawn(python, [fileURLToPath(new URL(`programs/${file}`, HERE))], {
      cwd: tmpdir(),
      env: { ...process.env, ...QUIET },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said = (said + piece).slice(-4_000)
    })
    const lines = answers(createInterface({ input: child.stdout }))
    const { value, done } = await lines.next()
    assert.ok(done !== true, `${file} ended at once:\n${said}`)
    return new ClientProgram(child, lines, () => said, (JSON.parse(value) as { version: string }).version)
  }

  async run(task: Task): Promise<Outcome> {
    this.#child.stdin?.write(`${JSON.stringify(task)}\n`)
    const { value, done } = await this.#lines.next()
    assert.ok(done !== true, `the program ended in ${task.feature}:\n${this.#said()}`)
    return JSON.parse(value) as Outcome
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end() // by which it ends what it started, too
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), LAST_WORDS_MS)
    await ended
    clearTimeout(patience)
  }
}

/** The lines that are meant for the tests: libraries print their own too. */
async function* answers(lines: Interface): AsyncGenerator<string, void> {
  for await (const line of lines) if (line.startsWith('{')) yield line
}
