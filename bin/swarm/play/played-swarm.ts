/** A topology that runs: network, nodes, engines. `stop` ends all that `start` began. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKeyFile } from '../../../home/key-file.ts'
import { assertNamespaces } from '../net/namespaces.ts'
import { WideNetwork } from '../net/wide-network.ts'
import { needsNamespaces } from '../topology/topology-rules.ts'
import type { Topology } from '../topology/topology-schema.ts'
import { PlayedNode, type PlayGround } from './played-node.ts'

/** Nodes that start at the same time: each needs most of a core for a second. */
const START_AT_ONCE = 4

export class PlayedSwarm {
  readonly topology: Topology
  readonly #nodes = new Map<string, PlayedNode>()
  #network: WideNetwork | undefined
  #folder: string | undefined

  constructor(topology: Topology) {
    this.topology = topology
  }

  get nodes(): readonly PlayedNode[] {
    return [...this.#nodes.values()]
  }

  /** Undefined while all is on loopback. */
  get network(): WideNetwork | undefined {
    return this.#network
  }

  node(name: string): PlayedNode {
    const node = this.#nodes.get(name)
    if (node === undefined) throw new TypeError(`there is no node ${name}`)
    return node
  }

  /**
   * Bootstrap nodes first (the first of all where none is one), for the others join through them. `onStarted` hears of
   * each. Call `stop` also when it rejects.
   */
  async start(onStarted: (node: PlayedNode) => void = () => {}): Promise<void> {
    const { nodes, homes } = this.topology
    if (needsNamespaces(this.topology)) {
      assertNamespaces(nodes.some(({ home }) => home !== undefined && homes[home]?.nat !== 'none'))
      this.#network = new WideNetwork(this.topology)
      await this.#network.up()
    }
    this.#folder = await mkdtemp(join(tmpdir(), 'realmesh-swarm-'))
    const federationKey = join(this.#folder, 'federation.key')
    await loadOrCreateKeyFile(federationKey, 'federation key')
    const network = `swarm-${randomBytes(4).toString('hex')}`
    const ground: PlayGround = { folder: this.#folder, network, federationKey }
    for (const plan of nodes) this.#nodes.set(plan.name, new PlayedNode(plan, ground, this.#network?.place(plan.name)))
    const first = this.#bootstrapNodes()
    for (const node of first) {
      await node.start(this.bootstrapFor(node))
      onStarted(node)
    }
    const others = this.nodes.filter((node) => !first.includes(node))
    for (let from = 0; from < others.length; from += START_AT_ONCE) {
      await Promise.all(
        others.slice(from, from + START_AT_ONCE).map(async (node) => {
          await node.start(this.bootstrapFor(node))
          onStarted(node)
        }),
      )
    }
  }

  /** Addresses of the bootstrap nodes that run, but for the node's own. */
  bootstrapFor(node: PlayedNode): readonly string[] {
    return this.#bootstrapNodes()
      .filter((other) => other !== node && other.isUp)
      .flatMap((other) => other.ready.p2p)
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
    await this.#network?.down()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  #bootstrapNodes(): readonly PlayedNode[] {
    const named = this.nodes.filter(({ plan }) => plan.bootstrap)
    return named.length > 0 ? named : this.nodes.slice(0, 1)
  }
}
