/**
 * `npm run stress`: RENT-A-HAL's stress test with our own load tool. Users at `/api/chat` and on the socket `/ws` of a
 * spawned daemon, or of the node at `--url`; an engine stands beside it that answers at once. Prints what became of
 * every question, and how the node was meanwhile. Ends with 1 where one failed or was lost.
 */
import '../core/node20-shim.ts'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { columns } from './report/table.ts'
import { NodeWatch } from './stress/node-watch.ts'
import { crowd, type DoorName, type DoorTally, STRESS_DOORS } from './stress/users.ts'
import { startLocal } from './targets/targets.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    doors: { type: 'string', default: 'chat,ws' },
    users: { type: 'string', default: '1000' },
    spawn: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '300' },
    think: { type: 'string', default: '1-5' },
    patience: { type: 'string', default: '60' },
    prompt: { type: 'string', default: 'Hello, MTOR! tokens=16' },
  },
})

/** A user thinks as long as the option says, `1-5` for any time between one second and five. */
function thinkTime(text: string): () => number {
  const [least = 0, most = least] = text.split('-').map((part) => Number(part) * 1_000)
  return () => least + Math.random() * (most - least)
}

function doorsOf(text: string): readonly DoorName[] {
  const names = text.split(',')
  const unknown = names.find((name) => !Object.hasOwn(STRESS_DOORS, name))
  if (unknown === undefined) return names as DoorName[]
  throw new Error(`no door ${unknown}; there are ${Object.keys(STRESS_DOORS).join(', ')}`)
}

function percentile(sorted: readonly number[], share: number): string {
  return sorted.length === 0 ? '-' : (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)
}

function line({ door, sent, answered, failed, lost, tookMs }: DoorTally, seconds: number): readonly string[] {
  const sorted = tookMs.toSorted((a, b) => a - b)
  const times = [0.5, 0.95, 0.99, 1].map((share) => percentile(sorted, share))
  return [door, String(sent), String(answered), String(failed), String(lost), (answered / seconds).toFixed(1), ...times]
}

const TITLES = ['door', 'sent', 'answered', 'failed', 'lost', 'per s', 'p50 ms', 'p95', 'p99', 'max']

const local = values.url === undefined ? await startLocal() : undefined
const url = values.url ?? local?.url ?? ''
const key = values.key
try {
  const seconds = Number(values.seconds)
  const names = doorsOf(values.doors)
  const watch = new NodeWatch(url, key, local?.pids ?? [])
  await watch.begin()
  const began = performance.now()
  const init = {
    users: Math.ceil(Number(values.users) / names.length),
    spawnRate: Number(values.spawn) / names.length,
    thinkMs: thinkTime(values.think),
    patienceMs: Number(values.patience) * 1_000,
    over: AbortSignal.timeout(seconds * 1_000),
  }
  const doors = names.map((name) => STRESS_DOORS[name]({ url, key, prompt: values.prompt }))
  const tallies = await Promise.all(doors.map((door) => crowd(door, init)))
  const took = (performance.now() - began) / 1_000
  const { rssMaxMb, loopP99Ms, cpuSeconds } = await watch.end()
  const [load = 0] = loadavg()
  console.log(
    `${values.users} users, ${values.spawn} more each second, ${took.toFixed(0)} s, ${availableParallelism()} cores, load ${load.toFixed(1)}`,
  )
  console.log(columns([TITLES, ...tallies.map((tally) => line(tally, took))]))
  const cpu = cpuSeconds === undefined ? '' : `, ${(cpuSeconds / took).toFixed(2)} cores`
  const loop = `p99 of its loop ${loopP99Ms.median.toFixed(1)} ms (worst 5 s: ${loopP99Ms.worst.toFixed(1)})`
  console.log(`node: at most ${rssMaxMb.toFixed(0)} MB, ${loop}${cpu}`)
  for (const { door, reasons } of tallies) {
    for (const [reason, times] of Object.entries(reasons)) console.log(`${door}: ${times} × ${reason}`)
  }
  process.exitCode = tallies.some(({ failed, lost, answered }) => failed + lost > 0 || answered === 0) ? 1 : 0
} finally {
  await local?.stop()
}
process.exit()
