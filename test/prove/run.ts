/**
 * `npm run prove`: the figures that we promise, over many rounds, judged over the whole. Prints a table; writes every
 * sample to one JSON file. `npm run prove -- NAME …` runs some proofs, `--rounds N` another number of rounds, `--seed
 * N` the same random numbers again.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { columns } from '../../bench/report/table.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { cellsOf, FIGURE_COLUMNS, type Figure, keeps } from './figure.ts'
import type { Proof } from './proof.ts'
import { PROOFS } from './proofs.ts'

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    out: { type: 'string', default: fileURLToPath(new URL('../../bench/results/prove.json', import.meta.url)) },
  },
})

interface Outcome {
  readonly proof: string
  readonly rounds: number
  readonly seconds: number
  /** Load of the machine before and after, mean of a minute: figures of a busy machine are not to be quoted. */
  readonly load: readonly number[]
  readonly figures: readonly Figure[]
  /** Why there are no figures. */
  readonly problem?: string
}

function load(): number {
  return loadavg()[0] ?? Number.NaN
}

async function prove(proof: Proof): Promise<Outcome> {
  const rounds = Number(options.rounds ?? proof.rounds)
  const before = load()
  const began = performance.now()
  const outcome = (figures: readonly Figure[], problem?: string): Outcome => ({
    proof: proof.name,
    rounds,
    seconds: Math.round((performance.now() - began) / 1_000),
    load: [before, load()],
    figures,
    ...(problem === undefined ? {} : { problem }),
  })
  const obstacle = proof.obstacle?.()
  if (obstacle !== undefined) return outcome([], `cannot be proved here: ${obstacle}`)
  try {
    return outcome(await proof.run(rounds, seededRandom(Number(options.seed))))
  } catch (error) {
    return outcome([], error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

function print({ proof, rounds, seconds, load: [before = 0, after = 0], figures, problem }: Outcome): void {
  console.log(`\n${proof}: ${rounds} rounds, ${seconds} s, load ${before.toFixed(1)} to ${after.toFixed(1)}`)
  if (problem !== undefined) console.log(`  ${problem}`)
  if (figures.length > 0) console.log(columns([FIGURE_COLUMNS, ...figures.map(cellsOf)]))
}

const unknown = names.filter((name) => !PROOFS.some((proof) => proof.name === name))
if (unknown.length > 0) {
  console.error(`no proof ${unknown.join(', ')}; there are ${PROOFS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
console.log(`seed ${options.seed}, ${availableParallelism()} cores, Node ${process.versions.node}`)
const outcomes: Outcome[] = []
for (const proof of PROOFS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const outcome = await prove(proof)
  outcomes.push(outcome)
  print(outcome)
}
const report = { at: new Date(), seed: options.seed, node: process.versions.node, outcomes }
await mkdir(dirname(options.out), { recursive: true })
await writeFile(options.out, JSON.stringify(report, undefined, 2))
const figures = outcomes.flatMap((outcome) => outcome.figures)
const missed = figures.filter((figure) => !keeps(figure)).length
const without = outcomes.filter(({ problem }) => problem !== undefined).length
console.log(`\n${figures.length} figures, ${missed} missed their bar, ${without} proofs without figures`)
process.exit(missed === 0 && without === 0 ? 0 : 1)
