/**
 * A swarm in which nobody asks anything: what its nodes cost each other, and what its tables know. All nodes are in this
 * process, on loopback; run it in a network namespace of its own, and the packets of the loopback are theirs alone.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Multiaddr } from '@multiformats/multiaddr'
import { SwarmFigures } from '../../node/operate/swarm-figures.ts'
import { modelLoad } from '../support/routing.ts'
import { type SwarmNode, swarmNode, untilTable } from '../support/swarm-node.ts'

/** What one node costs, on average. */
export interface IdleCost {
  readonly nodes: number
  /** Connected peers. */
  readonly peers: number
  /** Of one core. */
  readonly cpuPercent: number
  /** Megabytes an hour, both ways, with the headers of TCP and IP; undefined where the loopback cannot tell. */
  readonly wireMB: number | undefined
  /** Megabytes an hour, both ways, by part; `all` is what connections carry, encrypted. */
  readonly partMB: Readonly<Record<string, number>>
}

/** So many models are served in the swarm, each by several nodes. */
const MODELS = 7

export class IdleSwarm {
  readonly #nodes: SwarmNode[] = []
  readonly #figures: SwarmFigures[] = []

  /**
   * Starts the nodes, which join through the first; every second one serves a model. Each has met it before the next
   * starts: they share one thread, on which fifty handshakes at once end none within its time.
   */
  async start(nodes: number): Promise<void> {
    for (let i = 0; i < nodes; i += 1) {
      const figures = new SwarmFigures()
      this.#figures.push(figures)
      const models = i % 2 === 0 ? [] : [`model-${i % MODELS}:7b`]
      const node = await swarmNode({
        metrics: figures.metrics,
        models,
        share: 'public',
        bootstrap: this.doors,
        name: `n${i}`,
      })
      this.#nodes.push(node)
      if (i > 0) await untilTable(node, ({ connectedCount }) => connectedCount > 0)
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.stop()))
  }

  /** Where others join. */
  get doors(): readonly Multiaddr[] {
    return this.#nodes[0]?.libp2p.getMultiaddrs() ?? []
  }

  /** What a node costs, over so long. */
  async measure(ms: number): Promise<IdleCost> {
    const before = this.#read()
    await sleep(ms)
    const after = this.#read()
    const nodes = this.#nodes.length
    const hours = ms / 3_600_000
    // Each byte is sent once and received once.
    const perNode = (bytes: number): number => (2 * bytes) / nodes / hours / 1e6
    const parts = Object.entries(after.sent).map(([part, sent]) => [part, perNode(sent - (before.sent[part] ?? 0))])
    return {
      nodes,
      peers: this.#nodes.reduce((sum, { table }) => sum + table.connectedCount, 0) / nodes,
      cpuPercent: (100 * (after.cpuMs - before.cpuMs)) / ms / nodes,
      wireMB: before.wire === undefined || after.wire === undefined ? undefined : perNode(after.wire - before.wire),
      partMB: Object.fromEntries(parts),
    }
  }

  /** Resolves when no node takes the peer for connected. */
  async forgotten(id: string): Promise<void> {
    await Promise.all(this.#nodes.map((node) => untilTable(node, (table) => table.get(id)?.connected !== true)))
  }

  /** How many nodes take the peer for connected. */
  holders(id: string): number {
    return this.#nodes.filter(({ table }) => table.get(id)?.connected === true).length
  }

  /** One node, no neighbour of the first, begins to serve a model. */
  serve(model: string): SwarmNode {
    const rig = this.#nodes.at(-1)
    if (rig === undefined) throw new Error('there is no node')
    rig.state.models = [model]
    rig.state.loads = [modelLoad({ model })]
    rig.discovery.changed()
    return rig
  }

  #read(): { readonly sent: Record<string, number>; readonly cpuMs: number; readonly wire: number | undefined } {
    const sent: Record<string, number> = {}
    for (const { traffic } of this.#figures) {
      for (const [part, bytes] of traffic.flows()) sent[part] = (sent[part] ?? 0) + bytes.sent
    }
    const { user, system } = process.cpuUsage()
    return { sent, cpuMs: (user + system) / 1_000, wire: loopbackBytes() }
  }
}

/** Bytes that the loopback has carried; undefined where the system does not tell. */
function loopbackBytes(): number | undefined {
  try {
    return Number(/lo:\s*(\d+)/.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1] ?? Number.NaN)
  } catch {
    return undefined
  }
}
