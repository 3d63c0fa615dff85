/** Plays a topology that is up: waits until it is whole, asks, lets the faults happen, and gathers what came. */
import { request } from 'undici'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import type { EngineRun } from '../engine/simulated-ollama.ts'
import { seeded } from '../net/link-weather.ts'
import type { FrameCounts } from '../net/wide-network.ts'
import { listed, type QueryPlan, type Topology } from '../topology/topology-schema.ts'
import { type MeshState, meshCheck } from './mesh-check.ts'
import { type PlayedQuery, playQuery } from './played-query.ts'
import type { PlayedSwarm } from './played-swarm.ts'
import { type PlayedFault, playFaults } from './timeline.ts'

export interface PlayRecord {
  readonly topology: Topology
  /** From the start of the last node until every node reached every engine. */
  readonly joined: MeshState
  readonly queries: readonly PlayedQuery[]
  /** By query id; one that no node has any more is missing. */
  readonly receipts: ReadonlyMap<string, RouteReceipt>
  readonly faults: readonly PlayedFault[]
  /** By node. */
  readonly journals: ReadonlyMap<string, readonly EngineRun[]>
  /** Absent on loopback. */
  readonly frames?: FrameCounts
}

export interface PlayOptions {
  /** Ends the play early; what was gathered is told. */
  readonly signal: AbortSignal
  /** Hears what happens, one line each. */
  readonly tell?: (line: string) => void
}

/** So long a swarm may take to become whole before the play begins without. */
const JOIN_WITHIN_MS = 120_000

export async function play(swarm: PlayedSwarm, { signal, tell = () => {} }: PlayOptions): Promise<PlayRecord> {
  const { topology } = swarm
  const joined = await meshCheck(swarm.nodes, { withinMs: JOIN_WITHIN_MS, signal })
  tell(joined.wholeMs === undefined ? `not whole: ${joined.shut.join(', ')}` : 'every node reaches every engine')
  const receipts = new Map<string, RouteReceipt>()
  const [queries, faults] = await Promise.all([
    topology.queries === undefined ? [] : askAll(swarm, topology.queries, receipts, signal),
    playFaults(swarm, topology.faults, signal),
  ])
  const journals = new Map<string, readonly EngineRun[]>()
  for (const node of swarm.nodes) journals.set(node.name, await node.journal())
  const frames = await swarm.network?.counts()
  return { topology, joined, queries, receipts, faults, journals, ...(frames === undefined ? {} : { frames }) }
}

/** At random times that the seed gives, as queries of people come; none waits for another. */
async function askAll(
  swarm: PlayedSwarm,
  plan: QueryPlan,
  receipts: Map<string, RouteReceipt>,
  signal: AbortSignal,
): Promise<readonly PlayedQuery[]> {
  const askers = listed(plan.from)
  const times = askTimes(plan, swarm.topology.seed)
  const began = performance.now()
  const running: Promise<PlayedQuery>[] = []
  for (const [n, at] of times.entries()) {
    const wait = at - (performance.now() - began)
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    if (signal.aborted) break
    const node = swarm.node(askers[n % askers.length] ?? '')
    const { model, tokens } = plan
    running.push(
      playQuery(node.name, node.door, { prompt: `query ${n}`, model, tokens }).then(async (query) => {
        const receipt = query.id === undefined ? undefined : await receiptOf(swarm, query)
        if (receipt !== undefined && query.id !== undefined) receipts.set(query.id, receipt)
        return query
      }),
    )
  }
  return await Promise.all(running)
}

/** Milliseconds after the begin. Pure. */
export function askTimes({ per_second, for: seconds }: Pick<QueryPlan, 'per_second' | 'for'>, seed: number): number[] {
  const draw = seeded(seed)
  const times: number[] = []
  for (let at = gap(draw, per_second); at < seconds * 1_000; at += gap(draw, per_second)) times.push(at)
  return times
}

function gap(draw: () => number, perSecond: number): number {
  return (-Math.log(1 - draw()) / perSecond) * 1_000
}

async function receiptOf(swarm: PlayedSwarm, { from, id = '' }: PlayedQuery): Promise<RouteReceipt | undefined> {
  const { http, dispatcher } = swarm.node(from).door
  try {
    const response = await request(`${http}/api/queries/${encodeURIComponent(id)}`, { dispatcher })
    const body: unknown = await response.body.json()
    return response.statusCode === 200 ? (body as RouteReceipt) : undefined
  } catch {
    return undefined // the node that was asked is gone
  }
}
