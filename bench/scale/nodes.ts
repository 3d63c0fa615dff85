/**
 * What a node costs in a swarm of so many, all of them in this process on loopback: the daemon's own libp2p assembly
 * with the whole of discovery and the query protocol; engines simulated, no gateway and no store.
 *
 *   node --import=tsx bench/scale/nodes.ts --nodes 50 --settle 60 --measure 60
 *
 * Prints one line of JSON. All nodes share this process's one thread, so times are those of a machine that is as many
 * nodes at once; CPU and bytes are per node.
 */
import '../../core/node20-shim.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { systemClock } from '../../core/run/clock.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { Libp2pLinks } from '../../discovery/links/libp2p-links.ts'
import { SwarmFigures } from '../../node/operate/swarm-figures.ts'
import { QueryClient } from '../../protocols/query/asking/client.ts'
import { QueryServer } from '../../protocols/query/serving/server.ts'
import { admits } from '../../test/support/admits.ts'
import { chatQuery } from '../../test/support/query.ts'
import { modelLoad, nodeLoad } from '../../test/support/routing.ts'
import { type SwarmNode, swarmNode } from '../../test/support/swarm-node.ts'

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50' },
    /** Seconds after the last join before the measuring begins. */
    settle: { type: 'string', default: '60' },
    /** Seconds. */
    measure: { type: 'string', default: '60' },
    /** Models in the swarm; each node has one. */
    models: { type: 'string', default: '10' },
    /** Queries that are asked at the end, each by another node. */
    queries: { type: 'string', default: '50' },
  },
})

/** Nodes through which one joins. */
const DOORS = 3
/** Nodes that start at the same time. */
const AT_ONCE = 4
/** A step that takes longer is stuck. */
const WITHIN_MS = 300_000

const count = Number(options.nodes)
const modelOf = (n: number): string => `simulated-${n % Number(options.models)}`
const figures = Array.from({ length: count }, () => new SwarmFigures())
const nodes: SwarmNode[] = []
const servers: QueryServer[] = []

async function join(n: number): Promise<number> {
  const began = performance.now()
  // Spread over the swarm: no node takes in more than so many from one place.
  const doors = nodes.filter((_, i) => (i + n) % Math.ceil(nodes.length / DOORS) === 0)
  const node = await swarmNode({
    models: [modelOf(n)],
    share: 'public',
    metrics: figures[n]?.metrics ?? (() => ({}) as never),
    bootstrap: doors.flatMap(({ libp2p }) => libp2p.getMultiaddrs()),
  })
  nodes.push(node)
  const run: RunQuery = async function* ({ model }): AsyncGenerator<QueryEvent> {
    yield { kind: 'start', node: node.id, worker: 'simulated', engine: 'simulated', model }
    yield { kind: 'text', text: 'simulated' }
    yield { kind: 'end', finishReason: 'stop' }
  }
  const server = new QueryServer(
    {
      links: new Libp2pLinks({ libp2p: node.libp2p }),
      admit: admits(run),
      load: () => nodeLoad(Date.now() * 1_000, [modelLoad({ model: modelOf(n) })]),
    },
    { network: 'test' },
  )
  await server.start()
  servers.push(server)
  if (doors.length > 0)
    await until(() => [...node.table.entries()].some(({ card, connected }) => connected && card !== undefined))
  return performance.now() - began
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WITHIN_MS
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('a step took too long')
    await pause(10)
  }
}

/** Bytes of all nodes by part, both directions; each byte counts once as sent and once as received. */
function bytesByPart(): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { traffic } of figures) {
    for (const [part, { sent, received }] of traffic.flows()) sums.set(part, (sums.get(part) ?? 0) + sent + received)
  }
  return sums
}

/** Each of these nodes asks for the model that the node after it has, of whichever peer it finds. */
async function askOne(n: number): Promise<{ readonly foundMs: number; readonly tookMs: number } | undefined> {
  const node = nodes[n]
  if (node === undefined) return undefined
  const model = modelOf(n + 1)
  const began = performance.now()
  const known = (): string | undefined =>
    [...node.table.entries()].find(
      ({ card, connected }) => connected && card?.models.some(({ model: { name } }) => name === model),
    )?.id
  if (known() === undefined) {
    const signal = AbortSignal.timeout(WITHIN_MS)
    await node.discovery.searchModel(model, { signal, until: () => known() !== undefined })
  }
  const peer = known()
  if (peer === undefined) return undefined
  const foundMs = performance.now() - began
  const client = new QueryClient(
    { links: new Libp2pLinks({ libp2p: node.libp2p }), onLoad: () => {}, clock: systemClock },
    { network: 'test', dialTimeoutMs: WITHIN_MS, openTimeoutMs: WITHIN_MS, silenceTimeoutMs: WITHIN_MS },
  )
  await client.start()
  try {
    for await (const _event of client.run(peer)(chatQuery({ model, scope: 'public' }), {
      signal: new AbortController().signal,
    }));
    return { foundMs, tookMs: performance.now() - began }
  } catch {
    return undefined
  } finally {
    await client.stop()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const rssBefore = process.memoryUsage().rss
const joins: number[] = []
const began = performance.now()
for (let n = 0; n < count; n = joins.length) {
  const batch = n === 0 ? 1 : Math.min(AT_ONCE, count - n)
  joins.push(...(await Promise.all(Array.from({ length: batch }, (_, i) => join(n + i)))))
}
const joinedMs = performance.now() - began
await pause(Number(options.settle) * 1_000)
const cpu = process.cpuUsage()
const bytesBefore = bytesByPart()
const from = performance.now()
await pause(Number(options.measure) * 1_000)
const seconds = (performance.now() - from) / 1_000
const { user, system } = process.cpuUsage(cpu)
const bytesAfter = bytesByPart()
const perHour = (part: string): number =>
  Math.round((((bytesAfter.get(part) ?? 0) - (bytesBefore.get(part) ?? 0)) / count / seconds) * 3_600)
const rss = process.memoryUsage().rss
const sampled = Array.from({ length: Math.min(count, Number(options.queries)) }, (_, i) =>
  Math.floor((i * count) / Math.min(count, Number(options.queries))),
)
const answers = []
for (const n of sampled) answers.push(await askOne(n))
const well = answers.flatMap((answer) => answer ?? [])
const mean = (of: (node: SwarmNode) => number): number => nodes.reduce((sum, node) => sum + of(node), 0) / count
console.log(
  JSON.stringify({
    nodes: count,
    joinedSeconds: Math.round(joinedMs / 1_000),
    joinMedianMs: Math.round(median(joins)),
    connections: Math.round(mean(({ libp2p }) => libp2p.getConnections().length) * 10) / 10,
    known:
      Math.round(mean(({ table }) => [...table.entries()].filter(({ card }) => card !== undefined).length) * 10) / 10,
    cpuPercentPerNode: Math.round((((user + system) / 1e6 / seconds) * 100 * 1_000) / count) / 1_000,
    rssMiBPerNode: Math.round(((rss - rssBefore) / count / 1_048_576) * 100) / 100,
    bytesPerHour: Object.fromEntries([...bytesAfter.keys()].map((part) => [part, perHour(part)])),
    asked: answers.length,
    answered: well.length,
    foundMedianMs: Math.round(median(well.map(({ foundMs }) => foundMs))),
    answeredMedianMs: Math.round(median(well.map(({ tookMs }) => tookMs))),
  }),
)
process.exit(0)
