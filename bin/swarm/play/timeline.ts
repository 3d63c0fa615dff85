/** The faults of a topology, each at its time. */
import { ALL_LINKS, faultKind, faultTargets } from '../topology/topology-rules.ts'
import { type LinkConditions, listed, type TopologyFault } from '../topology/topology-schema.ts'
import { type MeshState, meshCheck } from './mesh-check.ts'
import type { PlayedSwarm } from './played-swarm.ts'

/** What happened with one fault. Times are of the wall clock, milliseconds. */
export interface PlayedFault {
  readonly fault: TopologyFault
  readonly beganAt: number
  readonly endedAt?: number
  /** After a partition healed, or a killed node was back: when every node reached every engine again. */
  readonly mesh?: MeshState
}

/** So long a mesh is waited for. */
const MESH_WITHIN_MS = 120_000

const FAIR: LinkConditions = { latency_ms: 0, jitter_ms: 0, loss: 0 }

/** Plays all faults; resolves when the last one is over. `signal` ends the waiting. */
export async function playFaults(
  swarm: PlayedSwarm,
  faults: readonly TopologyFault[],
  signal: AbortSignal,
): Promise<readonly PlayedFault[]> {
  return await Promise.all(faults.map((fault) => playFault(swarm, fault, signal)))
}

async function playFault(swarm: PlayedSwarm, fault: TopologyFault, signal: AbortSignal): Promise<PlayedFault> {
  await until(fault.at, signal)
  const beganAt = Date.now()
  await begin(swarm, fault)
  if (fault.for === undefined) return { fault, beganAt }
  await until(fault.for, signal)
  await end(swarm, fault)
  const endedAt = Date.now()
  const kind = faultKind(fault)
  if (kind !== 'partition' && kind !== 'kill') return { fault, beganAt, endedAt }
  return { fault, beganAt, endedAt, mesh: await meshCheck(swarm.nodes, { withinMs: MESH_WITHIN_MS, signal }) }
}

async function begin(swarm: PlayedSwarm, fault: TopologyFault): Promise<void> {
  const targets = faultTargets(fault)
  const nodes = (): ReturnType<PlayedSwarm['node']>[] => targets.map((name) => swarm.node(name))
  switch (faultKind(fault)) {
    case 'kill':
      await Promise.all(nodes().map((node) => node.kill()))
      return
    case 'stop':
      for (const node of nodes()) node.freeze()
      return
    case 'partition':
      return await swarm.network?.part((fault.partition ?? []).map(listed))
    case 'slow':
      await Promise.all(nodes().map((node) => node.behave({ factor: fault.factor })))
      return
    case 'lie':
      await Promise.all(nodes().map((node) => node.behave({ lie: fault.how })))
      return
    case 'link':
      for (const name of targets) await swarm.network?.setLink(name, fault)
  }
}

async function end(swarm: PlayedSwarm, fault: TopologyFault): Promise<void> {
  const targets = faultTargets(fault)
  switch (faultKind(fault)) {
    case 'kill':
      await Promise.all(targets.map((name) => swarm.node(name)).map((node) => node.restart(swarm.bootstrapFor(node))))
      return
    case 'stop':
      for (const name of targets) swarm.node(name).thaw()
      return
    case 'partition':
      return await swarm.network?.part([])
    case 'slow':
    case 'lie':
      await Promise.all(targets.map((name) => swarm.node(name).behave({})))
      return
    case 'link':
      for (const name of targets) await swarm.network?.setLink(name, usual(swarm, name))
  }
}

/** The link's conditions as the file has them. */
function usual({ topology }: PlayedSwarm, name: string): LinkConditions {
  return (name === ALL_LINKS ? topology.network : topology.homes[name]) ?? FAIR
}

/** Waits so many seconds. */
function until(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1_000)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
