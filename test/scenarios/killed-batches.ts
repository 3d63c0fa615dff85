/**
 * A batch whose coordinator is killed again and again: rigs with simulated engines answer its lines, and every line is
 * in its files once, with the answer that an engine gave.
 */
import assert from 'node:assert/strict'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { stubTokens } from '../support/engines/stub-answer.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'

const RIGS = 3
/** Of each engine. */
const SLOTS = 4
/** Of each answer; with the pause between them it takes a quarter of a second, so that a kill always meets some. */
const TOKENS = 12
const TOKEN_MS = 20

export interface KilledBatchPlan {
  readonly lines: number
  readonly kills: number
  /** How far the batch goes between two kills, from 0 to 1. */
  readonly random: () => number
}

/** What became of the lines. */
export interface KilledBatchResult {
  readonly lines: number
  readonly kills: number
  /** Answers that engines gave to their end. */
  readonly computed: number
  /** Lines of which engines gave more than one. */
  readonly computedTwice: number
  /** Answers that were under way at a kill, and were cut there. */
  readonly cut: number
  /** Lines in the user's account. */
  readonly charged: number
  /** From the first line to the last, seconds. */
  readonly seconds: number
}

/** What is read of a batch. */
interface BatchState {
  readonly id: string
  readonly status: string
  readonly output_file_id: string | null
  readonly error_file_id: string | null
  readonly request_counts: { readonly total: number; readonly completed: number; readonly failed: number }
}

export class KilledBatches {
  readonly #harness = new DaemonHarness()
  readonly #stubs: StubServer[] = []
  readonly #rigs: Daemon[] = []
  #coordinator: Daemon | undefined

  async start(): Promise<void> {
    this.#coordinator = await this.#harness.up(['--no-builtin'])
    const { home, addresses } = this.#coordinator
    for (let n = 0; n < RIGS; n += 1) {
      const stub = await startStub('ollama', { models: ['tiny'], tokens: TOKENS, tokenMs: TOKEN_MS, slots: SLOTS })
      this.#stubs.push(stub)
      const join = ['--bootstrap', addresses[0] ?? '', '--federation-key', `${home}/data/federation.key`]
      this.#rigs.push(await this.#harness.up(['--no-builtin', ...join, '--engine', `ollama=${stub.url}`]))
    }
    await this.#rigsKnown()
  }

  async stop(): Promise<void> {
    await this.#harness.close()
    await Promise.all(this.#stubs.map((stub) => stub.stop()))
  }

  /** Runs one batch to its end, and holds its files against what was asked. */
  async run({ lines, kills, random }: KilledBatchPlan): Promise<KilledBatchResult> {
    const before = this.#ends().length
    const cutBefore = this.#cut()
    const id = await this.#submit(lines)
    const began = performance.now()
    for (let kill = 0; kill < kills; kill += 1) {
      const done = ((kill + 0.2 + 0.6 * random()) / kills) * lines
      await eventually(`${Math.floor(done)} lines are there`, async () => {
        const { request_counts: counts, status } = await this.#batch(id)
        return counts.completed >= Math.floor(done) || status === 'completed'
      })
      await this.#kill()
    }
    const batch = await eventually('the batch has ended', async () => {
      const now = await this.#batch(id)
      return now.status === 'completed' && now
    })
    const seconds = (performance.now() - began) / 1000
    await this.#check(batch, lines)
    const ends = this.#ends().slice(before)
    return {
      lines,
      kills,
      computed: ends.length,
      computedTwice: ends.length - new Set(ends).size,
      cut: this.#cut() - cutBefore,
      charged: await this.#charged(),
      seconds,
    }
  }

  get #running(): Daemon {
    return this.#coordinator ?? assert.fail('start it first')
  }

  async #rigsKnown(): Promise<void> {
    await eventually('all rigs are known', async () => {
      const peers = (await this.#running.peers()).filter(({ connected, slots }) => connected && slots > 0)
      return this.#rigs.every(({ peerId }) => peers.some(({ id }) => id === peerId))
    })
  }

  /** Ends the coordinator as a power cut would, and starts it again in its home; it finds its rigs behind that. */
  async #kill(): Promise<void> {
    const { home } = this.#running
    await this.#running.stop('SIGKILL')
    const bootstrap = this.#rigs.flatMap(({ addresses }) => ['--bootstrap', addresses[0] ?? ''])
    this.#coordinator = await this.#harness.up(['--no-builtin', ...bootstrap], { home })
  }

  async #submit(lines: number): Promise<string> {
    const text = Array.from({ length: lines }, (_, n) => `${JSON.stringify(requestOf(n))}\n`).join('')
    const form = new FormData()
    form.set('purpose', 'batch')
    form.set('file', new Blob([text]), 'night.jsonl')
    const file = (await this.#call('/v1/files', { method: 'POST', body: form })) as { id: string }
    const body = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }
    const made = (await this.#call('/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })) as BatchState
    return made.id
  }

  async #batch(id: string): Promise<BatchState> {
    return (await this.#call(`/v1/batches/${id}`)) as BatchState
  }

  async #call(path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await fetch(`${this.#running.http}${path}`, init)
    assert.equal(response.status, 200, `${path}: ${response.status} ${response.ok ? '' : await response.text()}`)
    return await response.json()
  }

  /** Each line once, in order, with the answer of an unbroken engine. */
  async #check(batch: BatchState, lines: number): Promise<void> {
    assert.deepEqual(batch.request_counts, { total: lines, completed: lines, failed: 0 })
    assert.equal(batch.error_file_id, null)
    const response = await fetch(`${this.#running.http}/v1/files/${batch.output_file_id}/content`)
    const results = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      results.map(({ custom_id }) => custom_id),
      Array.from({ length: lines }, (_, n) => `line-${n}`),
    )
    for (const [n, { response }] of results.entries()) {
      assert.equal(response.body.choices[0].message.content, answerTo(n), `line ${n}`)
    }
  }

  /** The prompts of the answers that engines gave to their end. */
  #ends(): readonly string[] {
    return this.#stubs.flatMap(({ journal }) => {
      const prompts = new Map(journal.entries.map(({ event, query, body }) => [event === 'start' ? query : -1, body]))
      return journal.entries.filter(({ event }) => event === 'end').map(({ query }) => promptOf(prompts.get(query)))
    })
  }

  #cut(): number {
    return this.#stubs.reduce((sum, { journal }) => sum + journal.count('cancel'), 0)
  }

  /** Accounts are written up to two seconds behind. */
  async #charged(): Promise<number> {
    const { stdout } = await this.#harness.output(['users', 'list', '--json', '--home', this.#running.home])
    const { users } = JSON.parse(stdout) as { users: readonly { guid: string; queryCount: number }[] }
    return users.find(({ guid }) => guid === 'local')?.queryCount ?? 0
  }
}

function requestOf(n: number): object {
  const messages = [{ role: 'user', content: `line ${n}` }]
  return { custom_id: `line-${n}`, method: 'POST', url: '/v1/chat/completions', body: { model: 'tiny', messages } }
}

function answerTo(n: number): string {
  const messages = [{ role: 'user', text: `line ${n}`, images: 0 }]
  return stubTokens({ model: 'tiny', messages, seed: 0 }, TOKENS).join('')
}

function promptOf(body: unknown): string {
  const { messages } = body as { messages: readonly { content: string }[] }
  return messages.at(-1)?.content ?? ''
}
