/**
 * A swarm of idle nodes as a process of its own: `idle-child.ts NODES SETTLE_MS MEASURE_MS`. Tells what it found as JSON,
 * a line each. As `idle-child.ts victim ADDRESS` it is one more node, which its parent stops dead.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { multiaddr } from '@multiformats/multiaddr'
import { IdleSwarm } from '../scenarios/idle-swarm.ts'
import { isInDht, swarmNode, untilKnown, untilTable } from './swarm-node.ts'

function tell(what: object): void {
  console.log(JSON.stringify(what))
}

/** Joins, says who it is, and stays until it is killed. */
async function victim(address: string): Promise<void> {
  const node = await swarmNode({ bootstrap: [multiaddr(address)], models: ['doomed:7b'], share: 'public' })
  await untilTable(node, ({ connectedCount }) => connectedCount >= 4)
  tell({ id: node.id })
  await new Promise(() => {
    setInterval(() => {}, 1_000)
  })
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the child has no output')
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string]
  return line
}

/** How long a node that vanishes without a word stays in any table, milliseconds. */
async function vanish(swarm: IdleSwarm): Promise<number> {
  const self = fileURLToPath(import.meta.url)
  const args = [...process.execArgv, self, 'victim', String(swarm.doors[0])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const { id } = JSON.parse(await firstLine(child))
    await sleep(5_000) // until those that it told of itself hold it too
    tell({ holders: swarm.holders(id) })
    child.kill('SIGSTOP')
    const since = performance.now()
    await swarm.forgotten(id)
    return performance.now() - since
  } finally {
    child.kill('SIGKILL')
  }
}

/** How long a fresh node that knows one door takes to meet the one that serves a model, milliseconds. */
async function find(swarm: IdleSwarm, model: string): Promise<number> {
  const rig = swarm.serve(model)
  const fresh = await swarmNode({ bootstrap: swarm.doors, realms: [] })
  try {
    while (!(await isInDht(fresh, { kind: 'model', name: model }, rig.id)));
    const other = await swarmNode({ bootstrap: swarm.doors, realms: [], targetPeers: 0 })
    try {
      await untilTable(other, ({ connectedCount }) => connectedCount > 0)
      const since = performance.now()
      const until = (): boolean => other.view.models('$CHAT').includes(model)
      await other.discovery.searchModel(model, { signal: new AbortController().signal, until })
      await untilKnown(other, rig.id)
      return performance.now() - since
    } finally {
      await other.stop()
    }
  } finally {
    await fresh.stop()
  }
}

async function measure(nodes: number, settleMs: number, measureMs: number): Promise<void> {
  const swarm = new IdleSwarm()
  await swarm.start(nodes)
  await sleep(settleMs)
  tell({ cost: await swarm.measure(measureMs) })
  tell({ vanishedMs: await vanish(swarm) })
  tell({ foundMs: await find(swarm, 'rare:7b') })
}

const [what = '', ...rest] = process.argv.slice(2)
if (what === 'victim') await victim(rest[0] ?? '')
else {
  await measure(Number(what), Number(rest[0]), Number(rest[1]))
  process.exit(0)
}
