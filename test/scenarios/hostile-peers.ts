/** Five strangers that flood a node by every protocol at once, while its owner asks it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { compiledChild, removeCompiledChild } from '../support/compiled-child.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { FLOODS, type Flood, HostilePeer } from '../support/hostile-peer.ts'
import type { LoopSamples } from '../support/loop-watch.ts'

export const NETWORK = 'test'
/** Hostile peers at once. */
export const HOSTILE = 5
/** Clients of the owner at once. */
const CLIENTS = 2
const KNOBS = { models: ['tiny'], tokens: 16, tokenMs: 5, slots: CLIENTS } as const

const HOSTILE_CHILD = 'test/support/hostile-child.ts'
const LOOP_WATCH = 'test/support/loop-watch.ts'

/** What the owner had of a phase. */
export interface Phase {
  /** Whole answers. */
  readonly perSecond: number
  readonly loop: LoopSamples
}

export class HostilePeers {
  readonly #harness = new DaemonHarness()
  #engine: StubServer | undefined
  #daemon: Daemon | undefined
  /** Compiled children, by their sources. */
  readonly #children = new Map<string, string>()

  get daemon(): Daemon {
    return this.#daemon ?? assert.fail('start it first')
  }

  /** Of the daemon, for other nodes. */
  get address(): string {
    return this.daemon.addresses[0] ?? assert.fail('it listens nowhere')
  }

  /** `watched`: with the watch on its loop that `measure` reads. */
  async start({ watched = false } = {}): Promise<void> {
    const env = watched
      ? {
          NODE_OPTIONS: `--import=${this.#compiled(LOOP_WATCH)}`,
          LOOP_WATCH_FILE: join(this.#harness.folder, 'loop.json'),
        }
      : {}
    this.#engine = await startStub('ollama', KNOBS)
    const args = ['--network', NETWORK, '--no-builtin', '--engine', `ollama=${this.#engine.url}`]
    this.#daemon = await this.#harness.up(args, { env })
  }

  async stop(): Promise<void> {
    await this.#harness.close()
    await this.#engine?.stop()
    for (const path of this.#children.values()) removeCompiledChild(path)
  }

  /**
   * HOSTILE peers work through all floods; for each a new identity sends until it is shut out. The ids by flood. The
   * owner asks all the while: `onAnswer` gets each answer.
   */
  async floodAll(onAnswer: (result: ChatResult) => void): Promise<ReadonlyMap<Flood, string>> {
    const ids = new Map<Flood, string>()
    const floods = [...FLOODS]
    const work = async (): Promise<void> => {
      for (let flood = floods.shift(); flood !== undefined; flood = floods.shift()) {
        ids.set(flood, await this.#floodUntilShutOut(flood))
      }
    }
    await this.askDuring(() => Promise.all(Array.from({ length: HOSTILE }, work)), onAnswer)
    return ids
  }

  /** The owner's clients ask without a pause while `task` runs. */
  async askDuring<T>(task: () => Promise<T>, onAnswer: (result: ChatResult) => void): Promise<T> {
    let over = false
    const client = async (): Promise<void> => {
      for (let asked = 0; !over || asked === 0; asked += 1) {
        onAnswer(await streamChat(this.daemon.http, { content: `owner ${asked}` }))
      }
    }
    const clients = Array.from({ length: CLIENTS }, client)
    try {
      return await task()
    } finally {
      over = true
      await Promise.all(clients)
    }
  }

  /** One phase of `ms`: what the owner got, and how the node's loop fared. */
  async measure(ms: number): Promise<Phase> {
    await this.#loop()
    let answered = 0
    const began = performance.now()
    await this.askDuring(
      () => new Promise((resolve) => setTimeout(resolve, ms)),
      ({ kind }) => {
        answered += kind === 'done' ? 1 : 0
      },
    )
    return { perSecond: (answered * 1_000) / (performance.now() - began), loop: await this.#loop() }
  }

  /** Floods, of one kind or of all, from a process of its own until the returned function is called, which tells how much came. */
  async flood(kind?: Flood): Promise<() => Promise<string>> {
    const args = [this.address, NETWORK, String(HOSTILE), 'apart', ...(kind === undefined ? [] : [kind])]
    const child = spawn(process.execPath, [this.#compiled(HOSTILE_CHILD), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = text
    })
    await once(child.stdout, 'data')
    return async () => {
      child.stdin.end()
      await once(child, 'exit')
      return said.trim()
    }
  }

  /** What the loop of the daemon did since the last time. */
  async #loop(): Promise<LoopSamples> {
    const file = join(this.#harness.folder, 'loop.json')
    rmSync(file, { force: true })
    process.kill(this.daemon.pid, 'SIGUSR2')
    await eventually('the loop watch has written', () => existsSync(file))
    return JSON.parse(readFileSync(file, 'utf8')) as LoopSamples
  }

  #compiled(source: string): string {
    const path = this.#children.get(source) ?? compiledChild(source)
    this.#children.set(source, path)
    return path
  }

  async #floodUntilShutOut(flood: Flood): Promise<string> {
    const peer = await HostilePeer.against(this.address, NETWORK, FLOODS.indexOf(flood))
    try {
      return await eventually(`${flood}: the peer is shut out`, async () => {
        await peer.send(flood)
        return (await this.#isDenied(peer.id)) && peer.id
      })
    } finally {
      await peer.stop()
    }
  }

  async #isDenied(id: string): Promise<boolean> {
    return (await this.daemon.status()).peers.denied.some((denied) => denied.id === id)
  }
}
