/**
 * An engine that computes nothing: it speaks as much of Ollama's API as a node uses, at a speed that is set, and can be
 * made slow or a liar while it runs. What it did stands in its journal.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { EnginePlan } from '../topology/topology-schema.ts'
import { simulatedWords, wordsBehind } from './simulated-answer.ts'

/** How it answers falsely: nothing, half and gone, or something else. */
export type LieHow = 'empty' | 'cut' | 'wrong'

export interface EngineRun {
  /** The last user message: every query of a play has one of its own. */
  readonly prompt: string
  /** Whether it went on with an answer that another engine had begun. */
  readonly continued: boolean
  /** Wall clock, milliseconds. */
  readonly begunAt: number
  /** `end`: it wrote everything; `gone`: the node hung up before; `lie`: as it was told to. */
  end?: 'end' | 'gone' | 'lie'
  endedAt?: number
}

/** What a caller may change while it runs. */
export interface EngineManners {
  /** Everything takes so many times as long. @default 1 */
  readonly factor?: number
  /** @default it tells the truth */
  readonly lie?: LieHow
}

/** Largest request: a prompt of a play is a line. */
const MAX_ASKED_BYTES = 1_024 * 1_024

/** Where a request names no length. */
const USUAL_TOKENS = 24

/** Runs kept for the report; a play of a day at 10 queries a second. */
const MAX_JOURNAL = 1_000_000

/** Leaves the last message open, as most chat templates do: so a node may have an answer continued. */
const TEMPLATE =
  '{{- range $i, $_ := .Messages }}{{- $last := eq (len (slice $.Messages $i)) 1 -}}<|{{ .Role }}|>{{ .Content }}{{ if not $last }}<|end|>{{ end }}{{- end }}'

interface AskedOfOllama {
  readonly model?: string
  readonly messages?: readonly { readonly role: string; readonly content?: string }[]
  readonly options?: { readonly num_predict?: number }
}

export class SimulatedOllama {
  readonly #plan: EnginePlan
  readonly #models: readonly string[]
  readonly #journal: EngineRun[] = []
  readonly #server: Server
  #manners: EngineManners = {}

  /** `extra`: further models under which the same engine answers. */
  constructor(plan: EnginePlan, extra: readonly string[] = []) {
    this.#plan = plan
    this.#models = [plan.model, ...extra]
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
  }

  get journal(): readonly EngineRun[] {
    return this.#journal
  }

  /** Resolves with the address, on loopback. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new TypeError('a server on TCP has a port')
    return `http://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  behave(manners: EngineManners): void {
    this.#manners = manners
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = `${request.method} ${request.url}`
    const body = request.method === 'POST' ? await bodyOf(request) : {}
    if (path === 'GET /') return end(response, 'Ollama is running')
    if (path === 'GET /api/version') return json(response, { version: '0.33.0-simulated' })
    if (path === 'GET /api/tags') return json(response, { models: this.#models.map(listing) })
    if (path === 'GET /api/ps') return json(response, { models: this.#models.map(listing) })
    if (path === 'POST /api/show') return json(response, SHOWN)
    if (path === 'POST /api/chat') return await this.#chat(body, response)
    response.statusCode = 404
    json(response, { error: `a simulated engine has no ${path}` })
  }

  async #chat({ model = '', messages = [], options }: AskedOfOllama, response: ServerResponse): Promise<void> {
    const prompt = messages.findLast(({ role }) => role === 'user')?.content ?? ''
    const last = messages.at(-1)
    const begun = last?.role === 'assistant' ? (last.content ?? '') : ''
    const run: EngineRun = { prompt, continued: begun !== '', begunAt: Date.now() }
    if (this.#journal.length < MAX_JOURNAL) this.#journal.push(run)
    const { lie } = this.#manners
    const count = options?.num_predict ?? USUAL_TOKENS
    // An answer that is continued is as long as what was begun and what is asked for now.
    const length = count + (begun === '' ? 0 : begun.split(' ').length)
    const whole = simulatedWords(lie === 'wrong' ? `not ${prompt}` : prompt, length)
    const tokens = lie === 'empty' ? [] : wordsBehind(whole, lie === 'wrong' ? '' : begun).slice(0, count)
    response.setHeader('content-type', 'application/x-ndjson')
    response.once('close', () => {
      run.end ??= 'gone'
      run.endedAt ??= Date.now()
    })
    await this.#wait(this.#plan.first_token_ms)
    for (const [i, content] of tokens.entries()) {
      if (response.destroyed) return
      if (lie === 'cut' && i >= tokens.length / 2) {
        run.end = 'lie'
        response.destroy()
        return
      }
      response.write(line(model, { message: { role: 'assistant', content }, done: false }))
      await this.#wait(1_000 / this.#plan.tokens_per_second)
    }
    if (response.destroyed) return
    run.end = lie === undefined ? 'end' : 'lie'
    run.endedAt = Date.now()
    const counts = { prompt_eval_count: 1, prompt_eval_duration: 1e6, eval_count: tokens.length, eval_duration: 1e9 }
    end(
      response,
      line(model, { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', ...counts }),
    )
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms * (this.#manners.factor ?? 1))
  }
}

const DETAILS = { format: 'gguf', family: 'simulated', parameter_size: '0B', quantization_level: 'none' }

const SHOWN = {
  details: DETAILS,
  model_info: { 'general.architecture': 'simulated', 'simulated.context_length': 131_072 },
  capabilities: ['completion'],
  template: TEMPLATE,
}

function listing(model: string): object {
  return { name: model, model, size: 0, digest: `simulated ${model}`, details: DETAILS, context_length: 131_072 }
}

function line(model: string, fields: object): string {
  return `${JSON.stringify({ model, created_at: new Date(0).toISOString(), ...fields })}\n`
}

function json(response: ServerResponse, value: object): void {
  response.setHeader('content-type', 'application/json')
  end(response, JSON.stringify(value))
}

function end(response: ServerResponse, text: string): void {
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<AskedOfOllama> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength
    if (bytes > MAX_ASKED_BYTES) throw new RangeError('the request is too large')
    parts.push(part)
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as AskedOfOllama
}
