/** Five strangers that flood a node by every protocol at once, while its owner asks it. */
import assert from 'node:assert/strict'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { FLOODS, type Flood, HostilePeer } from '../support/hostile-peer.ts'

export const NETWORK = 'test'
/** Hostile peers at once. */
export const HOSTILE = 5
/** Clients of the owner at once. */
const CLIENTS = 2
const KNOBS = { models: ['tiny'], tokens: 16, tokenMs: 5, slots: CLIENTS } as const

export class HostilePeers {
  readonly #harness = new DaemonHarness()
  #engine: StubServer | undefined
  #daemon: Daemon | undefined

  get daemon(): Daemon {
    return this.#daemon ?? assert.fail('start it first')
  }

  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    this.#engine = await startStub('ollama', KNOBS)
    const args = ['--network', NETWORK, '--no-builtin', '--engine', `ollama=${this.#engine.url}`]
    this.#daemon = await this.#harness.up(args, { env })
  }

  async stop(): Promise<void> {
    await this.#harness.close()
    await this.#engine?.stop()
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

  async #floodUntilShutOut(flood: Flood): Promise<string> {
    const peer = await HostilePeer.against(this.daemon.addresses[0] ?? '', NETWORK)
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
