/**
 * What kad-dht costs to keep its routing table filled: bytes and time of one refresh, and whether memory grows over as
 * many as a day has at kad-dht's own interval of five minutes. Nodes of one process over loopback, nobody asking. Some
 * minutes. Run: node --import=tsx bench/parts/dht-refresh.ts [nodes, 10 and 30 unless given]
 */
import '../../core/node20-shim.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createLibp2pNode, type Libp2pNode } from '../../node/compose/libp2p/libp2p-node.ts'
import { SwarmFigures } from '../../node/operate/swarm-figures.ts'

/** Refreshes of a day at kad-dht's own interval. */
const A_DAY = 288
/** All of a node's connections are made by then; what comes later is the table's own. */
const SETTLE_MS = 15_000

/** The part of kad-dht that has no type of its own. */
interface Refreshing {
  readonly routingTableRefresh: {
    _maxCommonPrefix(): number
    _refreshCommonPrefixLength(prefix: number, last: Date, force: boolean): Promise<void>
  }
}

interface Node {
  readonly libp2p: Libp2pNode
  readonly figures: SwarmFigures
}

async function up(network: string): Promise<Node> {
  const figures = new SwarmFigures()
  const libp2p = await createLibp2pNode({
    privateKey: await generateKeyPair('Ed25519'),
    network,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    mdns: false,
    version: '0.0.0',
    allowedTopics: [],
    metrics: figures.metrics,
  })
  await libp2p.start()
  return { libp2p, figures }
}

/** A busy machine may need more than one try. */
async function join(libp2p: Libp2pNode, at: Libp2pNode): Promise<void> {
  while (libp2p.getConnections().length === 0) await libp2p.dial(at.getMultiaddrs()).catch(() => {})
}

/** One refresh as the table does it: a walk to a made-up key for each length of prefix that it tracks. */
async function refresh({ libp2p }: Node): Promise<number> {
  const table = (libp2p.services.dht as unknown as Refreshing).routingTableRefresh
  const walks = table._maxCommonPrefix() + 1
  for (let prefix = 0; prefix < walks; prefix += 1) {
    await table._refreshCommonPrefixLength(prefix, new Date(0), true).catch(() => {})
  }
  return walks
}

function bytes({ figures }: Node, part: string): number {
  const { sent = 0, received = 0 } = figures.traffic.flows().get(part) ?? {}
  return sent + received
}

function heapMB(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

async function measure(count: number): Promise<void> {
  const nodes: Node[] = []
  for (let i = 0; i < count; i += 1) nodes.push(await up(`refresh-${count}`))
  const [first, ...others] = nodes
  if (first === undefined) return
  for (const { libp2p } of others) await join(libp2p, first.libp2p)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const one = others[0] ?? first
  await refresh(one) // dials those that it did not know
  const before = { kad: bytes(one, 'kad'), all: bytes(one, 'all'), heap: heapMB(), at: performance.now() }
  let walks = 0
  for (let round = 0; round < A_DAY; round += 1) walks += await refresh(one)
  const perRefresh = (part: string, from: number): string => ((bytes(one, part) - from) / A_DAY / 1_024).toFixed(1)
  const seconds = (performance.now() - before.at) / 1_000
  console.log(
    `${count} nodes: ${perRefresh('kad', before.kad)} KiB of kad a refresh, ${perRefresh('all', before.all)} KiB in all, ${(walks / A_DAY).toFixed(1)} walks, ${((seconds * 1_000) / A_DAY).toFixed(0)} ms; heap ${before.heap.toFixed(1)} MB, after ${A_DAY} refreshes ${heapMB().toFixed(1)} MB; ${one.libp2p.getConnections().length} connections`,
  )
  await Promise.all(nodes.map(({ libp2p }) => libp2p.stop()))
}

const counts = process.argv.slice(2).map(Number)
for (const count of counts.length > 0 ? counts : [10, 30]) await measure(count)
process.exit(0)
