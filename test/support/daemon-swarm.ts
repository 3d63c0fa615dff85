/**
 * An asking daemon and rigs with stub engines, one federation on loopback, and the journals around them. Every fault
 * scenario asks through `ask` and ends with `check`, which holds the invariants of journal-check.ts and looks at what
 * the daemons still hold.
 */
import assert from 'node:assert/strict'
import { Agent } from 'undici'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type ChatAsk, type ChatResult, streamChat } from './chat-client.ts'
import { ClientJournal } from './client-journal.ts'
import { type Daemon, DaemonHarness, eventually } from './daemon.ts'
import { stubTokens } from './engines/stub-answer.ts'
import { type StubKind, startStub } from './engines/stub-kinds.ts'
import type { StubKnobs } from './engines/stub-knobs.ts'
import type { StubServer } from './engines/stub-server.ts'
import { checkJournals, type JournalSummary } from './journal-check.ts'
import { type ProcessVitals, processVitals } from './process-vitals.ts'

export interface RigPlan {
  /** @default 'ollama' */
  readonly kind?: StubKind
  readonly knobs?: Partial<StubKnobs>
  /** Of the engine: a spare one when it is to be stopped and started again. @default any */
  readonly port?: number
}

export interface Rig {
  readonly kind: StubKind
  readonly stub: StubServer
  daemon: Daemon
}

/** Descriptors that may be open beside those of the baseline: a connection that is just being closed or kept alive. */
const SPARE_DESCRIPTORS = 5

export class DaemonSwarm {
  readonly harness = new DaemonHarness()
  readonly clients = new ClientJournal()
  readonly rigs: Rig[] = []
  readonly tokens: number
  #asker: Daemon | undefined
  #network: readonly string[] = []
  #marks = 0
  #agent = new Agent({ connections: null })
  readonly #baseline = new Map<number, ProcessVitals>()

  /** `tokens` is the length of every answer. */
  constructor(init: { readonly tokens?: number } = {}) {
    this.tokens = init.tokens ?? 24
  }

  get asker(): Daemon {
    return this.#asker ?? assert.fail('start the swarm first')
  }

  /** Flags with which a daemon joins. */
  get join(): readonly string[] {
    return [
      ...this.#network,
      '--no-builtin',
      ...['--bootstrap', this.asker.addresses[0] ?? ''],
      ...['--federation-key', `${this.asker.home}/data/federation.key`],
    ]
  }

  /** Starts the asker, which has no engine, then the rigs, and waits until all are known. */
  async start(
    plans: readonly RigPlan[],
    options: { readonly network?: string; readonly home?: string } = {},
  ): Promise<void> {
    const { network, home } = options
    this.#network = network === undefined ? [] : ['--network', network]
    this.#asker = await this.harness.up([...this.#network, '--no-builtin'], home === undefined ? {} : { home })
    await Promise.all(plans.map((plan) => this.addRig(plan)))
    await this.allKnown()
  }

  async addRig({ kind = 'ollama', knobs = {}, port = 0 }: RigPlan = {}): Promise<Rig> {
    const stub = await startStub(kind, { models: ['tiny'], tokens: this.tokens, ...knobs }, port)
    const rig = { kind, stub, daemon: await this.upRig(kind, stub) }
    this.rigs.push(rig)
    return rig
  }

  /** A daemon in front of a stub; with `home` the one that was there before. */
  upRig(kind: StubKind, stub: StubServer, home?: string): Promise<Daemon> {
    return this.harness.up([...this.join, '--engine', `${kind}=${stub.url}`], home === undefined ? {} : { home })
  }

  /** Waits until the asker is connected to all of these and knows their slots. */
  async allKnown(daemons: readonly Pick<Daemon, 'peerId'>[] = this.rigs.map(({ daemon }) => daemon)): Promise<void> {
    await eventually('all rigs are known', async () => {
      const ready = (await this.asker.peers()).filter((peer) => peer.connected && peer.slots > 0 && !peer.draining)
      return daemons.every(({ peerId }) => ready.some((peer) => peer.id === peerId))
    })
  }

  /** A text that no other query of this swarm has. */
  mark(name = 'query'): string {
    this.#marks += 1
    return `${name} ${this.#marks}`
  }

  /** What one unbroken engine answers. */
  expected(content: string, model = 'tiny'): string {
    return stubTokens({ model, messages: [{ role: 'user', text: content, images: 0 }], seed: 0 }, this.tokens).join('')
  }

  /** Asks one query and journals it. */
  async ask(options: Partial<ChatAsk> = {}): Promise<ChatResult> {
    const content = options.content ?? this.mark()
    const entry = this.clients.submitted(content, this.expected(content, options.model))
    const result = await streamChat(this.asker.http, { dispatcher: this.#agent, ...options, content })
    entry.id ??= result.id
    entry.endings.push({ kind: result.kind, text: result.text })
    return result
  }

  /** Asks `count` queries, `at` at once. */
  async askMany(
    count: number,
    at: number,
    options: () => Partial<ChatAsk> = () => ({}),
  ): Promise<readonly ChatResult[]> {
    const results: ChatResult[] = []
    let left = count
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        results.push(await this.ask(options()))
      }
    }
    await Promise.all(Array.from({ length: at }, worker))
    return results
  }

  /** Asks without a pause, `at` at once, while `task` runs; whatever becomes of it, no client goes on behind it. */
  async askDuring<T>(at: number, task: () => Promise<T>): Promise<T> {
    let over = false
    const client = async (): Promise<void> => {
      while (!over) await this.ask()
    }
    const clients = Array.from({ length: at }, client)
    try {
      return await task()
    } finally {
      over = true
      await Promise.all(clients)
    }
  }

  async receipt(id: string): Promise<RouteReceipt | undefined> {
    const response = await fetch(`${this.asker.http}/api/queries/${encodeURIComponent(id)}`)
    return response.ok ? ((await response.json()) as RouteReceipt) : undefined
  }

  /** Notes what the daemons hold before the load; call it after a few queries, when all is warm. */
  async noteBaseline(): Promise<void> {
    await this.#hangUp()
    for (const { pid } of this.#living()) {
      const vitals = processVitals(pid)
      if (vitals !== undefined) this.#baseline.set(pid, vitals)
    }
  }

  /** The invariants; and daemons of the baseline that still live have nothing left of the load. */
  async check(): Promise<JournalSummary> {
    const engines = this.rigs.map(({ stub }) => stub.journal)
    const summary = await checkJournals({ clients: this.clients, engines, receipt: (id) => this.receipt(id) })
    await this.#hangUp()
    for (const daemon of this.#living()) await this.#nothingLeft(daemon)
    return summary
  }

  async stop(): Promise<void> {
    await this.#agent.destroy()
    await this.harness.close()
    await Promise.all(this.rigs.map(({ stub }) => stub.stop()))
  }

  #living(): readonly Daemon[] {
    const all = [this.asker, ...this.rigs.map(({ daemon }) => daemon)]
    return all.filter(({ child }) => child.exitCode === null && child.signalCode === null)
  }

  /** Closes the clients' own connections: they are none of the daemon's leaks. */
  async #hangUp(): Promise<void> {
    await this.#agent.destroy()
    this.#agent = new Agent({ connections: null })
  }

  async #nothingLeft(daemon: Daemon): Promise<void> {
    await eventually('no query runs any more', async () => {
      const { queries, realms } = await daemon.status()
      return queries.running === 0 && realms.every(({ running, queued }) => running === 0 && queued === 0)
    })
    const before = this.#baseline.get(daemon.pid)
    if (before === undefined) return
    let now = processVitals(daemon.pid)
    await eventually(`descriptors are back at ${before.descriptors}`, () => {
      now = processVitals(daemon.pid)
      return now === undefined || now.descriptors <= before.descriptors + SPARE_DESCRIPTORS
    }).catch((error: unknown) => assert.fail(`${String(error)}; there are ${now?.descriptors}`))
  }

  /** Descriptors and memory of the asker, then and now, in one line. */
  vitalsLine(): string {
    const before = this.#baseline.get(this.asker.pid)
    const now = processVitals(this.asker.pid)
    if (before === undefined || now === undefined) return 'no /proc here'
    return `asker: descriptors ${before.descriptors} → ${now.descriptors}, RSS ${before.rssMiB} → ${now.rssMiB} MiB`
  }
}
