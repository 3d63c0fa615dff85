/**
 * `realmesh swarm up`: a federation of real daemons on this machine, for trying things out. Stops them all when it
 * ends.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKeyFile } from '../../../home/key-file.ts'
import { listFlag, type RunCommand, textFlag } from '../../cli/command.ts'
import type { CommandContext } from '../../cli/context.ts'
import { type ChildNode, startChildNode } from '../../daemon/child-node.ts'
import type { ReadyInfo } from '../../daemon/daemon.ts'
import { stopSignals } from '../../daemon/stop-signals.ts'
import { nodeArguments, type SwarmPlace, type SwarmPlan, swarmPlan } from '../../daemon/swarm-plan.ts'
import { upTopology } from './topology-up.ts'

/** Nodes that start at the same time: each needs most of a core for a second. */
const START_AT_ONCE = 4

export const run: RunCommand = async ({ flags, context }) => {
  const topology = textFlag(flags, 'topology')
  if (topology !== undefined) return await upFromFile(topology, flags['json'] === true, context)
  const plan = swarmPlan(textFlag(flags, 'nodes') ?? '3', listFlag(flags, 'engineOn'), flags['noBuiltin'] !== true)
  const folder = await mkdtemp(join(tmpdir(), 'realmesh-swarm-'))
  const nodes: ChildNode[] = []
  const signals = stopSignals(
    (status) => process.exit(status),
    () => {},
  )
  try {
    const started = startAll(plan, folder, nodes, flags['json'] === true, context)
    await Promise.race([started, signals.stopped])
    await Promise.race([signals.stopped, ...nodes.map((node) => node.ended.then(() => 'a node ended'))])
    return 0
  } finally {
    await Promise.all(nodes.map((node) => node.stop()))
    await rm(folder, { recursive: true, force: true })
    signals.release()
  }
}

async function upFromFile(file: string, json: boolean, context: CommandContext): Promise<number> {
  const signals = stopSignals(
    (status) => process.exit(status),
    () => {},
  )
  try {
    await upTopology({ file, json, stopped: signals.stopped }, context)
    return 0
  } finally {
    signals.release()
  }
}

/** Node 0 first, for the others join through it. `nodes` fills while it goes on, so that a failure stops what runs. */
async function startAll(
  plan: SwarmPlan,
  folder: string,
  nodes: ChildNode[],
  json: boolean,
  context: CommandContext,
): Promise<void> {
  const federationKey = join(folder, 'federation.key')
  await loadOrCreateKeyFile(federationKey, 'federation key')
  const place: SwarmPlace = { folder, network: `swarm-${randomBytes(4).toString('hex')}`, federationKey, bootstrap: [] }
  const start = async (index: number, bootstrap: readonly string[]): Promise<ReadyInfo> => {
    const node = startChildNode(nodeArguments(plan, index, { ...place, bootstrap }))
    nodes.push(node)
    const ready = await node.ready
    tell(index, node.pid, ready, json, context)
    if (!json) context.out(`        realmesh peers --home ${join(folder, `node-${index}`)}\n`)
    return ready
  }
  const first = await start(0, [])
  for (let from = 1; from < plan.nodes; from += START_AT_ONCE) {
    const batch = Array.from({ length: Math.min(START_AT_ONCE, plan.nodes - from) }, (_, i) => from + i)
    await Promise.all(batch.map((index) => start(index, first.p2p)))
  }
  if (json) context.out(`${JSON.stringify({ event: 'swarm', nodes: plan.nodes, network: place.network })}\n`)
  else context.out(`${plan.nodes} nodes are up; Ctrl-C stops them\n`)
}

function tell(index: number, pid: number, ready: ReadyInfo, json: boolean, context: CommandContext): void {
  const { peerId, http, p2p } = ready
  if (json) context.out(`${JSON.stringify({ event: 'node', index, pid, peerId, http, p2p })}\n`)
  else context.out(`node ${index}  ${http}/v1  ${peerId}  (pid ${pid})\n`)
}
