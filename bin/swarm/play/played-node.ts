/** One node of a topology: its home, its process, its engine, and its gateway as the player reaches it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from 'undici'
import { type ChildNode, startChildNode } from '../../daemon/child-node.ts'
import type { ReadyInfo } from '../../daemon/daemon.ts'
import { LoopbackRoom, NamespaceRoom, type NodeRoom } from '../engine/node-room.ts'
import type { EngineManners, EngineRun } from '../engine/simulated-ollama.ts'
import { commandIn } from '../net/spawn-script.ts'
import type { NodePlace } from '../net/wide-network.ts'
import type { TopologyNode } from '../topology/topology-schema.ts'

/** What all nodes of a play share. */
export interface PlayGround {
  /** Below it each node has its home. */
  readonly folder: string
  readonly network: string
  readonly federationKey: string
}

/** Where a node's gateway is reached. */
export interface GatewayDoor {
  readonly http: string
  readonly dispatcher: Agent
}

/** A node in a namespace of its own keeps its port over restarts. */
const WIDE_PORT = 4_501

/** The model that only this node's engine has, so that a query for it shows whether the node is reached. */
export function ownModel(node: string): string {
  return `simulated-at-${node}`
}

export class PlayedNode {
  readonly plan: TopologyNode
  readonly home: string
  readonly place: NodePlace | undefined
  readonly #ground: PlayGround
  readonly #room: NodeRoom
  #child: ChildNode | undefined
  #ready: ReadyInfo | undefined
  #door: GatewayDoor | undefined
  #stopped = false

  constructor(plan: TopologyNode, ground: PlayGround, place: NodePlace | undefined) {
    this.plan = plan
    this.place = place
    this.home = join(ground.folder, plan.name)
    this.#ground = ground
    const socket = join(ground.folder, `${plan.name}.sock`)
    this.#room = place === undefined ? new LoopbackRoom() : new NamespaceRoom({ namespace: place.namespace, socket })
  }

  get name(): string {
    return this.plan.name
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Whether its process runs, frozen or not, and said once that it is ready. */
  get isUp(): boolean {
    return this.#child !== undefined && this.#ready !== undefined
  }

  get ready(): ReadyInfo {
    if (this.#ready === undefined) throw new TypeError(`${this.name} was not started`)
    return this.#ready
  }

  get door(): GatewayDoor {
    if (this.#door === undefined) throw new TypeError(`${this.name} was not started`)
    return this.#door
  }

  /** Resolves when the process has ended by itself; a faulty one that the play ended does not count. */
  get endedUnasked(): Promise<void> {
    const child = this.#child
    return new Promise((resolve) => {
      void child?.ended.then(() => {
        if (!this.#stopped && this.#child === child) resolve()
      })
    })
  }

  /** Starts engine and node. `bootstrap`: multiaddrs of those it joins through. */
  async start(bootstrap: readonly string[]): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o700 })
    const { engine } = this.plan
    const url = engine === undefined ? undefined : await this.#room.engine(engine, [ownModel(this.name)])
    await writeFile(join(this.home, 'realms.yml'), configOf(this.plan, url))
    await this.#launch(bootstrap)
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    await child?.kill()
  }

  /** Starts a killed node again, from its home. */
  async restart(bootstrap: readonly string[]): Promise<void> {
    if (this.#child === undefined) await this.#launch(bootstrap)
  }

  freeze(): void {
    this.#child?.signal('SIGSTOP')
  }

  thaw(): void {
    this.#child?.signal('SIGCONT')
  }

  behave(manners: EngineManners): Promise<void> {
    return this.#room.behave(manners)
  }

  journal(): Promise<readonly EngineRun[]> {
    return this.#room.journal()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.thaw()
    await this.#door?.dispatcher.destroy()
    await this.#child?.kill()
    await this.#room.stop()
  }

  async #launch(bootstrap: readonly string[]): Promise<void> {
    const child = startChildNode(this.#arguments(bootstrap), {
      node: commandIn(this.place === undefined ? {} : { namespace: this.place.namespace }),
    })
    this.#child = child
    this.#ready = await child.ready
    const socketPath = await this.#room.gateway(this.#ready.http)
    await this.#door?.dispatcher.destroy()
    const dispatcher = new Agent({
      connections: null,
      ...(socketPath === undefined ? {} : { connect: { socketPath } }),
    })
    this.#door = { http: this.#ready.http, dispatcher }
  }

  #arguments(bootstrap: readonly string[]): readonly string[] {
    const { network, federationKey } = this.#ground
    const listen = this.place === undefined ? '/ip4/127.0.0.1/tcp/0' : `/ip4/${this.place.address}/tcp/${WIDE_PORT}`
    return [
      ...['--home', this.home, '--http', '127.0.0.1:0', '--listen', listen],
      ...['--network', network, '--federation-key', federationKey],
      ...['--no-mdns', '--no-detect', '--no-builtin', '--log-level', 'warn'],
      ...bootstrap.flatMap((address) => ['--bootstrap', address]),
    ]
  }
}

/** Its realms.yml. No disk space is set aside: what is played is not kept. */
function configOf({ engine }: TopologyNode, url: string | undefined): string {
  const reserve = 'user_data:\n  reserve: 0\n'
  if (engine === undefined || url === undefined) return reserve
  const worker = JSON.stringify({ name: 'simulated', engine: 'ollama', url, slots: engine.slots })
  return `${reserve}workers: [${worker}]\n`
}
