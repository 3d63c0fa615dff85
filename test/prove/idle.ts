/** What nodes cost that nobody asks anything, in swarms of several sizes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { columns } from '../../bench/report/table.ts'
import type { IdleCost } from '../scenarios/idle-swarm.ts'
import { always, type Figure, ms } from './figure.ts'

/** Nodes of the swarms, one round each. */
const SIZES = [2, 10, 50, 100]
/** Until a join is over: the walks and statements of the first minutes come at the times of the first minutes. */
const SETTLE_MS = 420_000
const MEASURE_MS = 180_000
/** The size that is judged, by what is promised of it. */
const JUDGED = 50
const MB_PER_HOUR = 5
const CPU_PERCENT = 0.5
const VANISHED_MS = 20_000
const FOUND_MS = 1_000

interface Told {
  readonly cost?: IdleCost
  readonly holders?: number
  readonly vanishedMs?: number
  readonly foundMs?: number
}

/** Measures the first `rounds` sizes, one after the other. */
export async function idle(rounds: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const nodes of SIZES.slice(0, rounds)) {
    const told = await measured(nodes)
    if (told.cost === undefined) throw new Error(`${nodes} nodes told nothing`)
    print(told.cost)
    figures.push(...figuresOf(nodes, told.cost, told))
  }
  return figures
}

function figuresOf(nodes: number, { wireMB, partMB, cpuPercent }: IdleCost, told: Told): readonly Figure[] {
  const judged = nodes === JUDGED
  const bar = (atMost: number) => (judged ? { bar: always(atMost) } : {})
  const name = (what: string): string => `${nodes} idle nodes: ${what}`
  const mb = wireMB ?? partMB.all ?? Number.NaN
  const which = wireMB === undefined ? 'without headers' : 'with headers'
  return [
    { name: name(`an hour of one, both ways, ${which}`), unit: 'MB', samples: [mb], ...bar(MB_PER_HOUR) },
    { name: name('CPU of one, of one core'), unit: '%', samples: [cpuPercent], ...bar(CPU_PERCENT) },
    ms(name('a node that vanished left every table'), [told.vanishedMs ?? Number.NaN], always(VANISHED_MS)),
    ms(name('a fresh node met the one that serves a model'), [told.foundMs ?? Number.NaN], always(FOUND_MS)),
  ]
}

function print({ nodes, peers, cpuPercent, wireMB, partMB }: IdleCost): void {
  const { all = 0, ...parts } = partMB
  const known = Object.values(parts).reduce((sum, mb) => sum + mb, 0)
  const rows = [
    ...Object.entries(parts),
    ['encryption, multiplexing', all - known] as const,
    ...(wireMB === undefined ? [] : [['TCP and IP', wireMB - all] as const]),
  ].map(([part, mb]) => [part, mb.toFixed(2)])
  console.log(`\n  ${nodes} nodes, ${peers.toFixed(1)} peers each, ${cpuPercent.toFixed(2)} % of a core each`)
  console.log(columns([['part', 'MB/h per node'], ...rows]))
}

async function measured(nodes: number): Promise<Told> {
  const child = start([String(nodes), String(SETTLE_MS), String(MEASURE_MS)])
  let told: Told = {}
  if (child.stdout === null) throw new Error('the child has no output')
  for await (const line of createInterface({ input: child.stdout })) told = { ...told, ...JSON.parse(line) }
  return told
}

/** In a network of its own where that can be had: then the loopback counts its packets alone. */
function start(args: readonly string[]): ChildProcess {
  const script = fileURLToPath(new URL('../support/idle-child.ts', import.meta.url))
  const command = [process.execPath, ...process.execArgv, script, ...args]
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  if (!hasNamespaces()) return spawn(process.execPath, command.slice(1), { stdio })
  const inside = 'ip link set lo up && exec "$@"'
  return spawn('unshare', ['-n', 'sh', '-c', inside, 'sh', ...command], { stdio })
}

function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', ['-n', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
