/** A node's engine and the way to its gateway: in this process on loopback, in a child where it has a namespace. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { spawnScript } from '../net/spawn-script.ts'
import type { EnginePlan } from '../topology/topology-schema.ts'
import type { RoomAnswer, RoomOrder } from './room-child.ts'
import { type EngineManners, type EngineRun, SimulatedOllama } from './simulated-ollama.ts'

export interface NodeRoom {
  /** Starts the engine; gives its address. */
  engine(plan: EnginePlan, extra: readonly string[]): Promise<string>
  /** The socket that leads to the gateway at `http`; undefined where `http` is reached as it is. */
  gateway(http: string): Promise<string | undefined>
  behave(manners: EngineManners): Promise<void>
  journal(): Promise<readonly EngineRun[]>
  stop(): Promise<void>
}

export class LoopbackRoom implements NodeRoom {
  #engine: SimulatedOllama | undefined

  async engine(plan: EnginePlan, extra: readonly string[]): Promise<string> {
    this.#engine = new SimulatedOllama(plan, extra)
    return await this.#engine.start()
  }

  async gateway(): Promise<undefined> {
    return undefined
  }

  async behave(manners: EngineManners): Promise<void> {
    this.#engine?.behave(manners)
  }

  async journal(): Promise<readonly EngineRun[]> {
    return this.#engine?.journal ?? []
  }

  async stop(): Promise<void> {
    await this.#engine?.stop()
  }
}

export class NamespaceRoom implements NodeRoom {
  readonly #socket: string
  readonly #child: ChildProcess
  /** The answer to the order before; orders are followed one by one. */
  #last: Promise<RoomAnswer>

  /** `socket`: a path that is free. */
  constructor(init: { readonly namespace: string; readonly socket: string }) {
    this.#socket = init.socket
    this.#child = spawnScript(import.meta.url, './room-child', { namespace: init.namespace })
    this.#last = this.#answer()
  }

  async engine(plan: EnginePlan, extra: readonly string[]): Promise<string> {
    return (await this.#tell({ do: 'engine', plan, extra })).url ?? ''
  }

  async gateway(http: string): Promise<string> {
    await this.#tell({ do: 'gateway', port: Number(new URL(http).port), path: this.#socket })
    return this.#socket
  }

  async behave(manners: EngineManners): Promise<void> {
    await this.#tell({ do: 'behave', manners })
  }

  async journal(): Promise<readonly EngineRun[]> {
    return (await this.#tell({ do: 'journal' })).journal ?? []
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  #tell(order: RoomOrder): Promise<RoomAnswer> {
    const answer = this.#last.then(() => {
      const next = this.#answer()
      this.#child.send(order)
      return next
    })
    this.#last = answer.catch(() => ({}))
    return answer
  }

  async #answer(): Promise<RoomAnswer> {
    const ended = new AbortController()
    const [said] = (await Promise.race([
      once(this.#child, 'message', { signal: ended.signal }),
      once(this.#child, 'exit', { signal: ended.signal }),
    ]).finally(() => ended.abort())) as [RoomAnswer | number | null]
    if (said === null || typeof said !== 'object') throw new Error('the helper of a node ended')
    return said
  }
}
