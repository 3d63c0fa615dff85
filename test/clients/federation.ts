/**
 * What the programs are tried at: a daemon without an engine, which they ask, and a rig of the same federation with the
 * real llama.cpp twice (chat, embeddings) and stand-ins for what its small model cannot do (images, tools, reasoning),
 * and for an engine that stands still in the middle of an answer.
 */
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { openAiChat } from '../support/engines/openai-format.ts'
import { stubTokens } from '../support/engines/stub-answer.ts'
import type { JournalEntry } from '../support/engines/stub-journal.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { LlamaServer } from '../support/real/llama-server.ts'
import { directOpenAi, postJson } from '../support/real/real-engine.ts'
import { NotingDoor } from './noting-door.ts'

/** Names with slashes and colons, as people's models have them. */
export const MODELS = {
  chat: 'acme/smol:135m',
  embed: 'tiny-embed:latest',
  able: 'stub/qwen3-vl:4b',
  slow: 'stub/slow:1b',
} as const

/** Tokens of one prompt and its answer at the real chat model: its context is shared by two slots. */
export const CONTEXT = 2048

export class Federation {
  readonly #harness = new DaemonHarness()
  readonly #llamas: LlamaServer[] = []
  readonly #stubs: StubServer[] = []
  readonly #ownAnswers = new Map<string, string>()
  #daemon: Daemon | undefined
  #rig: Daemon | undefined
  #door: NotingDoor | undefined
  #keyedDoor: NotingDoor | undefined
  #key = ''

  /** Address of the API at the daemon that has no engine. */
  get base(): string {
    return `${started(this.#daemon).http}/v1`
  }

  /** The same through a door that notes. */
  get door(): NotingDoor {
    return started(this.#door)
  }

  /** The same in front of the rig, whose gateway opens to a key only. */
  get keyedDoor(): NotingDoor {
    return started(this.#keyedDoor)
  }

  /** A key of the rig's gateway. */
  get key(): string {
    return this.#key
  }

  /** Peer id of the daemon that has the engines. */
  get rig(): string {
    return started(this.#rig).peerId
  }

  get able(): StubServer {
    return started(this.#stubs[0])
  }

  get slow(): StubServer {
    return started(this.#stubs[1])
  }

  get chat(): LlamaServer {
    return started(this.#llamas[0])
  }

  get embed(): LlamaServer {
    return started(this.#llamas[1])
  }

  async start(): Promise<void> {
    const chat = await LlamaServer.start({ set: { model_alias: [MODELS.chat] } })
    this.#llamas.push(chat)
    const embed = await LlamaServer.start({ set: { model_alias: [MODELS.embed], embedding: true, pooling_type: 1 } })
    this.#llamas.push(embed)
    this.#stubs.push(await startStub('llama-server', { models: [MODELS.able], toolCalls: 2 }))
    this.#stubs.push(await startStub('llama-server', { models: [MODELS.slow], pauseAfter: 3 }))
    this.#daemon = await this.#harness.up(['--no-builtin'])
    this.#door = await new NotingDoor(this.#daemon.http).start()
    const home = this.#harness.home()
    this.#key = (await this.#harness.output(['keys', 'add', '--home', home])).stdout.trim()
    const engines = [...this.#llamas, ...this.#stubs].flatMap(({ url }) => ['--engine', `llama-server=${url}`])
    const join = ['--bootstrap', this.#daemon.addresses[0] ?? '']
    const federation = ['--federation-key', `${this.#daemon.home}/data/federation.key`]
    this.#rig = await this.#harness.up(['--no-builtin', ...join, ...federation, ...engines], { home })
    this.#keyedDoor = await new NotingDoor(this.#rig.http).start()
    await eventually('all models are listed', async () => {
      const listed = await this.models()
      return Object.values(MODELS).every((model) => listed.includes(model))
    })
  }

  async stop(): Promise<void> {
    await this.#door?.stop()
    await this.#keyedDoor?.stop()
    await this.#harness.close()
    await Promise.all([...this.#llamas, ...this.#stubs].map((engine) => engine.stop()))
  }

  /** What the daemon that was asked has noted of a query. */
  async receipt(id: string): Promise<RouteReceipt> {
    const { http } = started(this.#daemon)
    return (await (await fetch(`${http}/api/queries/${id}`)).json()) as RouteReceipt
  }

  async models(): Promise<readonly string[]> {
    const { data } = (await (await fetch(`${this.base}/models`)).json()) as { data: readonly { id: string }[] }
    return data.map(({ id }) => id)
  }

  /** What the real engine itself says to a question; it is asked once for each. */
  async ownAnswer(prompt: string, maxTokens: number): Promise<string> {
    const known = this.#ownAnswers.get(prompt)
    if (known !== undefined) return known
    const { text } = await directOpenAi(this.chat, MODELS.chat, { prompt, maxTokens })
    this.#ownAnswers.set(prompt, text)
    return text
  }

  /** How the real engine itself goes on behind a text. */
  ownCompletion(prompt: string, maxTokens: number): Promise<string> {
    const body = { model: MODELS.chat, prompt, max_tokens: maxTokens, temperature: 0 }
    return postJson(`${this.chat.url}/v1/completions`, body).then(
      (reply) => (reply as { choices: readonly [{ text: string }] }).choices[0].text,
    )
  }

  async ownVectors(input: readonly string[]): Promise<readonly (readonly number[])[]> {
    const reply = await postJson(`${this.embed.url}/v1/embeddings`, { model: MODELS.embed, input })
    return (reply as { data: readonly { embedding: readonly number[] }[] }).data.map(({ embedding }) => embedding)
  }

  /** What the able stand-in was asked last, as it came. */
  lastAsked(): Record<string, unknown> {
    return this.#lastStart().body as Record<string, unknown>
  }

  /** What the able stand-in answered to that, as long as it is text. */
  lastAnswer(): string {
    const { path = '', body } = this.#lastStart()
    const request = { method: 'POST', path, search: new URLSearchParams(), headers: {}, body: body as never }
    const chat = openAiChat(request, false)
    return stubTokens(chat, this.able.knobs.tokens)
      .slice(0, chat.maxTokens ?? this.able.knobs.tokens)
      .join('')
  }

  #lastStart(): JournalEntry {
    return started(this.able.journal.entries.filter(({ event }) => event === 'start').at(-1))
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new TypeError('start the federation first')
  return part
}
