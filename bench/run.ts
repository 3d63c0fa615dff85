/**
 * `npm run bench`: what a node adds to a query, against a bare relay, in rounds that take turns, and what its parts can
 * do by themselves. Prints tables; writes everything, round by round, to one JSON file.
 */
import '../core/node20-shim.ts'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { CHAT_COMPLETIONS } from './load/doors.ts'
import type { LoadPlan, LoadResult } from './load/load-plan.ts'
import { usageOf } from './load/process-usage.ts'
import { runLoad } from './load/run-load.ts'
import { SCENARIOS, type Scenario } from './load/scenarios.ts'
import { judge } from './report/goals.ts'
import { type Row, spread, summarize } from './report/summary.ts'
import { columns, table } from './report/table.ts'
import { benchFile } from './targets/spawned.ts'
import { startTargets, type Target, type Targets } from './targets/targets.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    scenarios: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
    targets: { type: 'string', default: 'direct,relay,local,peer' },
    'skip-parts': { type: 'boolean', default: false },
    /** Folder for CPU profiles of the nodes; the figures are then not to be quoted. */
    profile: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('results/latest.json', import.meta.url)) },
  },
})

/** Idle time after which V8 has given back what the start used: it does so by itself after some 20 s. */
const SETTLE_MS = 30_000

type Rounds = Record<string, LoadResult[]>

/** Benches of single parts: the programs of `parts/`, which print what they found. */
const PARTS = ['layers', 'doors', 'routing-decisions', 'overload', 'lanes', 'storage']

/** A part that takes longer is stuck. */
const PART_WITHIN_MS = 180_000
const DOORS_WITHIN_MS = 900_000

const exec = promisify(execFile)

function measure(target: Target, scenario: Scenario): Promise<LoadResult> {
  const plan: LoadPlan = {
    ...scenario.plan,
    url: `${target.url}${CHAT_COMPLETIONS.path}`,
    body: CHAT_COMPLETIONS.body(scenario.prompt, scenario.plan.stream),
    warmupMs: scenario.warmupMs,
    measureMs: Number(options.seconds) * 1000,
    pids: target.pids,
  }
  return runLoad(plan)
}

/** A B C A B C, never A A B B: a neighbour's busy minute then falls on every target. */
async function runScenario(scenario: Scenario, targets: readonly Target[]): Promise<Rounds> {
  const rounds: Rounds = {}
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const target of targets) {
      const results = rounds[target.name] ?? []
      rounds[target.name] = results
      results.push(await measure(target, scenario))
    }
  }
  return rounds
}

async function runScenarios(started: Targets): Promise<Record<string, { rounds: Rounds; rows: readonly Row[] }>> {
  const targets = started.all.filter(({ name }) => options.targets.split(',').includes(name))
  const results: Record<string, { rounds: Rounds; rows: readonly Row[] }> = {}
  for (const scenario of SCENARIOS.filter(({ name }) => options.scenarios.split(',').includes(name))) {
    const rounds = await runScenario(scenario, targets)
    const rows = summarize(rounds)
    results[scenario.name] = { rounds, rows }
    console.log(`\n${scenario.name}: ${scenario.about}\n${table(rows)}`)
  }
  return results
}

/** In processes of their own: what one part leaves in memory must not cost the next. */
async function runParts(): Promise<Record<string, string>> {
  const results: Record<string, string> = {}
  for (const name of PARTS) {
    const { stdout } = await exec(process.execPath, [...benchFile(`parts/${name}`)], { timeout: PART_WITHIN_MS })
    results[name] = stdout.trim()
    console.log(`\n${name}\n${results[name]}`)
  }
  return results
}

/** All doors beside each other, at a daemon of its own. */
async function runDoors(): Promise<string> {
  const program = fileURLToPath(new URL('served-doors.ts', import.meta.url))
  const { stdout } = await exec(process.execPath, ['--import=tsx', program], { timeout: DOORS_WITHIN_MS })
  console.log(`\nserved doors\n${stdout.trim()}`)
  return stdout.trim()
}

async function main(): Promise<void> {
  const machine = { node: process.version, cpus: cpus().length, loadAverage: loadavg()[0] }
  const started = await startTargets(options.profile)
  try {
    const rssMb = (): number => (usageOf([started.idleNode])?.rssBytes ?? 0) / 2 ** 20
    const startedRssMb = rssMb()
    await delay(SETTLE_MS)
    const idleRssMb = rssMb()
    const ready = spread(started.readyMs)
    console.log(
      `ready in ${ready?.median.toFixed(0)} ms; ${startedRssMb.toFixed(0)} MB then, ${idleRssMb.toFixed(0)} MB idle`,
    )
    const scenarios = await runScenarios(started)
    const goals = judge(Object.fromEntries(Object.entries(scenarios).map(([name, { rows }]) => [name, rows])))
    const lines = goals.map((goal) => [
      goal.about,
      goal.value?.toFixed(2) ?? '-',
      `≤ ${goal.atMost}`,
      goal.reached ? 'yes' : 'NO',
    ])
    console.log(`\n${columns([['goal', 'value', 'wanted', 'reached'], ...lines])}`)
    const parts = options['skip-parts'] ? {} : { ...(await runParts()), 'served-doors': await runDoors() }
    await mkdir(dirname(options.out), { recursive: true })
    await writeFile(
      options.out,
      JSON.stringify({ machine, options, startedRssMb, idleRssMb, readyMs: ready, scenarios, goals, parts }, null, 1),
    )
    console.log(`\nall figures: ${options.out}`)
  } finally {
    await started.stop()
  }
}

await main()
