/**
 * `npm run simulate`: the swarm in simulated time, with the daemon's own routing, against other ways to choose. Prints
 * waits before the first token; the same seed gives the same figures on every machine.
 */
import { parseArgs } from 'node:util'
import { LIES, type Lie, POLICIES, type PolicyName, type Result, type Scenario, USUAL } from './simulation/scenario.ts'
import { simulate } from './simulation/simulate.ts'

const HELP = `npm run simulate -- [options]

  --seed N          first seed (default ${USUAL.seed})
  --seeds N         how many seeds in a row; the figures are their means (default 3)
  --gateways N      nodes that ask (default ${USUAL.gateways})
  --workers N       nodes that serve (default ${USUAL.workers})
  --peers N         workers that a gateway knows (default ${USUAL.peersPerGateway})
  --load X          work that arrives, of the capacity (default ${USUAL.load})
  --gossip S        seconds between load records, several with commas (default 0.2,1,2,5)
  --steps           workers also speak at once when their load jumps, as the daemon does
  --seconds N       simulated time (default ${USUAL.seconds})
  --churn N         crashes per worker and hour (default 0)
  --liars N         workers that say they are free and do not serve (default 0)
  --lie KIND        ${LIES.join(', ')} (default ${USUAL.lie})
  --partition       two halves that do not hear each other in the middle fifth of the run
  --policy NAME     ${POLICIES.join(', ')}; several with commas (default all)
  --json            one line of JSON per row instead of the table
`

const OPTIONS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  gateways: { type: 'string' },
  workers: { type: 'string' },
  peers: { type: 'string' },
  load: { type: 'string' },
  gossip: { type: 'string' },
  steps: { type: 'boolean' },
  seconds: { type: 'string' },
  churn: { type: 'string' },
  liars: { type: 'string' },
  lie: { type: 'string' },
  partition: { type: 'boolean' },
  policy: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

class UsageError extends Error {}

function positive(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`--${name}: ${text} is no number`)
  return value
}

function oneOf<T extends string>(text: string, name: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text)
  if (found === undefined) throw new UsageError(`--${name}: ${text} is none of ${allowed.join(', ')}`)
  return found
}

interface Plan {
  readonly base: Scenario
  readonly seeds: number
  readonly gossipMs: readonly number[]
  readonly policies: readonly PolicyName[]
  readonly json: boolean
}

function plan(): Plan | undefined {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help === true) return undefined
  const whole = (name: 'seed' | 'seeds' | 'gateways' | 'workers' | 'peers' | 'liars', fallback: number): number =>
    Math.round(positive(values[name], name, fallback))
  const lie: Lie = oneOf(values.lie ?? USUAL.lie, 'lie', LIES)
  const base: Scenario = {
    ...USUAL,
    seed: whole('seed', USUAL.seed),
    gateways: Math.max(1, whole('gateways', USUAL.gateways)),
    workers: Math.max(1, whole('workers', USUAL.workers)),
    peersPerGateway: Math.max(1, whole('peers', USUAL.peersPerGateway)),
    load: Math.max(0.01, positive(values.load, 'load', USUAL.load)),
    steps: values.steps === true,
    seconds: Math.max(1, positive(values.seconds, 'seconds', USUAL.seconds)),
    churn: positive(values.churn, 'churn', USUAL.churn),
    liars: whole('liars', USUAL.liars),
    lie,
    partition: values.partition === true,
  }
  if (base.liars >= base.workers) throw new UsageError('--liars: somebody must be honest')
  return {
    base,
    seeds: Math.max(1, whole('seeds', 3)),
    gossipMs: (values.gossip ?? '0.2,1,2,5')
      .split(',')
      .map((text) => Math.max(10, positive(text, 'gossip', 1) * 1_000)),
    policies:
      values.policy === undefined ? POLICIES : values.policy.split(',').map((text) => oneOf(text, 'policy', POLICIES)),
    json: values.json === true,
  }
}

/** Mean over the seeds of one figure. */
function mean(results: readonly Result[], figure: (result: Result) => number): number {
  return results.reduce((sum, result) => sum + figure(result), 0) / results.length
}

/** Waits in seconds, `mean / p99`, then what the row is about beside them. */
function cell(results: readonly Result[]): string {
  const seconds = (ms: number): string => (ms / 1_000).toPrecision(2)
  const waits = `${seconds(mean(results, (r) => r.meanWaitMs))} / ${seconds(mean(results, (r) => r.p99WaitMs))}`
  const refusals = mean(results, (r) => r.refusalsPerQuery)
  return refusals === 0 ? waits : `${waits} (${refusals.toFixed(2)})`
}

function footnotes({ base }: Plan, results: readonly Result[]): readonly string[] {
  const lines = [`goodput ${mean(results, (r) => r.goodput).toFixed(3)} of capacity`]
  const rejected = mean(results, (r) => r.rejected / r.arrived)
  if (rejected > 0) lines.push(`told to come back later ${(100 * rejected).toFixed(1)} %`)
  if (base.liars > 0) lines.push(`sent to liars ${(100 * mean(results, (r) => r.liarShare)).toFixed(1)} %`)
  const lost = results.reduce((sum, r) => sum + r.lost + r.endedTwice, 0)
  if (lost > 0) lines.push(`${lost} QUERIES LOST OR ENDED TWICE`)
  return lines
}

function run(wanted: Plan): void {
  const { base, seeds, gossipMs, policies } = wanted
  if (!wanted.json) {
    console.log(
      `${base.gateways} gateways, ${base.workers} workers, load ${base.load}, ${base.seconds} s, seeds ${base.seed} to ${base.seed + seeds - 1}.`,
    )
    console.log(
      'Wait before the first token, mean / p99 in seconds (refusals per query), by seconds between load records:\n',
    )
    console.log(['policy'.padEnd(13), ...gossipMs.map((ms) => `${ms / 1_000} s`.padEnd(22))].join(''))
  }
  for (const policy of policies) {
    const cells: string[] = []
    let notes: readonly string[] = []
    for (const ms of gossipMs) {
      const results = Array.from({ length: seeds }, (_, i) =>
        simulate({ ...base, policy, gossipMs: ms, seed: base.seed + i }),
      )
      if (wanted.json)
        for (const [i, r] of results.entries())
          console.log(JSON.stringify({ policy, gossipMs: ms, seed: base.seed + i, ...r }))
      cells.push(cell(results).padEnd(22))
      notes = footnotes(wanted, results)
    }
    if (!wanted.json) console.log(`${policy.padEnd(13)}${cells.join('')}${notes.join(', ')}`)
  }
}

try {
  const wanted = plan()
  if (wanted === undefined) console.log(HELP)
  else run(wanted)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  console.error('fix: npm run simulate -- --help lists the options')
  process.exitCode = 2
}
