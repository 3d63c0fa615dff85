/** `realmesh swarm up --topology FILE`: the swarm of a file, until it is told to stop. Its faults and queries rest. */
import type { CommandContext } from '../../cli/context.ts'
import type { PlayedNode } from '../../swarm/play/played-node.ts'
import { PlayedSwarm } from '../../swarm/play/played-swarm.ts'
import { readTopologyFile } from '../../swarm/topology/read-topology.ts'

export interface TopologyUp {
  readonly file: string
  readonly json: boolean
  readonly stopped: Promise<unknown>
}

/** Resolves when it was told to stop, or a node ended by itself. */
export async function upTopology({ file, json, stopped }: TopologyUp, context: CommandContext): Promise<void> {
  const swarm = new PlayedSwarm(await readTopologyFile(file))
  try {
    const started = swarm.start((node) => {
      context.out(json ? `${JSON.stringify({ event: 'node', ...toldOf(node) })}\n` : `${tellTopologyNode(node)}\n`)
    })
    started.catch(() => {}) // told by the race, or too late to matter
    if ((await Promise.race([started, stopped])) !== undefined) return
    const { nodes } = swarm
    if (json) context.out(`${JSON.stringify({ event: 'swarm', nodes: nodes.length })}\n`)
    else context.out(`${nodes.length} nodes are up; Ctrl-C stops them\n`)
    await Promise.race([stopped, ...nodes.map((node) => node.endedUnasked)])
  } finally {
    await swarm.stop()
  }
}

/** A node, and how it is asked. */
export function tellTopologyNode(node: PlayedNode): string {
  const { peerId, http } = node.ready
  const within = node.place === undefined ? '' : `ip netns exec ${node.place.namespace} `
  return `${node.name}  ${http}/v1  ${peerId}  (pid ${node.pid})\n        ${within}realmesh peers --home ${node.home}`
}

function toldOf(node: PlayedNode): object {
  const { peerId, http, p2p } = node.ready
  return { name: node.name, pid: node.pid, home: node.home, namespace: node.place?.namespace, peerId, http, p2p }
}
