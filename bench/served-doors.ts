/**
 * What each door costs beside chat completions, as its clients meet it: CPU of a spawned daemon per request that is
 * answered in one piece, and per token of streams, with an engine beside it that answers at once. Doors take turns in
 * every round; ratios are of one round, then their median over the rounds. `--rounds N`; `--doors WORD,WORD`: those
 * with such a word in their names, beside chat completions; `--profile FOLDER`: a CPU profile of the daemon, the figures are then not to be quoted.
 */
import '../core/node20-shim.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CHAT_COMPLETIONS, DOORS, type ServedDoor } from './load/doors.ts'
import type { LoadResult } from './load/load-plan.ts'
import { runLoad } from './load/run-load.ts'
import { type Spread, spread } from './report/summary.ts'
import { columns } from './report/table.ts'
import { type LocalTarget, startLocal } from './targets/targets.ts'

/** What a door may cost, of what chat completions cost. */
const AT_MOST = 1.3
const WARM_UP_MS = 700
const MEASURE_MS = 2_000
/** In which what the loads have left under way ends. */
const LAST_ANSWERS_MS = 1_000
/** Each door runs once before what counts: until then much of its code was never compiled. */
const DEFAULT_ROUNDS = '5'

interface Load {
  readonly name: string
  readonly stream: boolean
  readonly users: number
  readonly tokens: number
  readonly prompt: string
  readonly cost: (result: LoadResult) => number | undefined
}

const WHOLE: Load = {
  name: 'µs per request',
  stream: false,
  users: 64,
  tokens: 8,
  prompt: 'tokens=8',
  cost: ({ cpuUsPerRequest }) => cpuUsPerRequest,
}
const STREAMED: Load = {
  name: 'µs per token',
  stream: true,
  users: 100,
  tokens: 64,
  prompt: 'tokens=64 pace=10',
  cost: ({ cpuUsPerToken }) => cpuUsPerToken,
}

/** The figures of one door under one load, a number per round. */
interface Figures {
  readonly door: ServedDoor
  readonly load: Load
  readonly costs: number[]
  bad: number
}

function measure(target: LocalTarget, door: ServedDoor, load: Load): Promise<LoadResult> {
  const { timesEach = 1 } = door
  const each = door.mark === undefined ? (load.stream ? timesEach : 1) * load.tokens : 1
  return runLoad({
    url: `${target.url}${door.path}`,
    body: door.body(load.prompt, load.stream),
    ...(door.headers !== undefined && { headers: door.headers }),
    stream: load.stream,
    users: load.users,
    warmupMs: WARM_UP_MS,
    measureMs: MEASURE_MS,
    expectMarks: each,
    ...(door.mark !== undefined && { mark: door.mark }),
    ...(load.stream && { timesEach }),
    pids: target.pids,
  })
}

async function runRound(target: LocalTarget, all: readonly Figures[], counts: boolean): Promise<void> {
  for (const figures of all) {
    const result = await measure(target, figures.door, figures.load)
    const cost = figures.load.cost(result)
    figures.bad += result.bad
    if (result.bad > 0) console.error(`${figures.door.name}: ${JSON.stringify(result.failures)}`)
    if (counts && cost !== undefined) figures.costs.push(cost)
  }
}

/** Of each round, how many times what chat completions cost. */
function timesChat({ load, costs }: Figures, all: readonly Figures[]): Spread | undefined {
  const chat = all.find((other) => other.door === CHAT_COMPLETIONS && other.load === load)
  return spread(costs.map((cost, round) => cost / (chat?.costs[round] ?? Number.NaN)))
}

function line(figures: Figures, all: readonly Figures[]): readonly string[] {
  const { door, load, costs, bad } = figures
  const [cost, times] = [spread(costs), timesChat(figures, all)]
  const told = (value: Spread | undefined, digits: number): string =>
    value === undefined
      ? '-'
      : `${value.median.toFixed(digits)} (${value.min.toFixed(digits)}-${value.max.toFixed(digits)})`
  const verdict = times === undefined ? '-' : times.median <= AT_MOST ? 'kept' : 'MISSED'
  return [door.name, load.name, told(cost, 0), told(times, 2), verdict, String(bad)]
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: DEFAULT_ROUNDS },
    doors: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const words = options.doors.split(',')
const doors = DOORS.filter((door) => door === CHAT_COMPLETIONS || words.some((word) => door.name.includes(word)))
const target = await startLocal(options.profile)
try {
  const all: Figures[] = [WHOLE, STREAMED].flatMap((load) =>
    doors
      .filter(({ timesEach }) => !load.stream || timesEach !== undefined)
      .map((door) => {
        return { door, load, costs: [], bad: 0 }
      }),
  )
  await runRound(target, all, false)
  for (let round = 0; round < rounds; round += 1) await runRound(target, all, true)
  const title = ['door', 'CPU', 'cost', 'of chat completions', `≤ ${AT_MOST}`, 'bad']
  console.log(columns([title, ...all.map((figures) => line(figures, all))]))
  await delay(LAST_ANSWERS_MS)
} finally {
  await target.stop()
}
