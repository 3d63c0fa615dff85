// The gate: types, format and generated files, then the tests in stages, cheap ones first. Ends with a table, and `N
// passed, N failed`.
//
//   npm test                       everything
//   npm run check                  without the stages that start nodes: for every save
//   npm run fuzz                   the tests of volume alone, with their large counts
//   npm run coverage               what `npm run check` runs, and the lines that it reached: coverage/index.html
//   npm test -- -g "title"         the tests of that name; `npm test -- FILE …` those files; all flags go to mocha
//
// With REALMESH_NO_SKIPS=1 a test that is skipped has failed.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { cut } from './failure-lines.cjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cores = availableParallelism()
const scratch = mkdtempSync(join(tmpdir(), 'realmesh-test-'))
const skipLog = join(scratch, 'skipped')
/** A test with its large count may take so long before it counts as one that hangs. */
const FUZZ_TEST_MS = 3_600_000

/** A test that starts no node and takes longer hangs: .mocharc.json has the patience of those that do. */
const QUICK_TEST_MS = 60_000

/** What is checked beside the tests, all at once; each counts as one. */
const CHECKS = [
  { name: 'types', args: [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json'] },
  { name: 'format and lint', args: [bin('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'generated files', args: [join('scripts', 'generate.mjs'), '--verify'] },
]

/**
 * The folders of test/ in the order in which they run; `node` marks the stages that start nodes or kill processes,
 * which `check` leaves out. Files of one stage run in as many processes as there are cores, `alone` in one: those look
 * at what else the machine does.
 */
const STAGES = [
  { name: 'unit', folders: ['.', 'unit', 'contract'] },
  { name: 'simulation', folders: ['simulation'], nodes: true },
  { name: 'swarm', folders: ['swarm'], nodes: true },
  { name: 'storage', folders: ['storage'], nodes: true },
  { name: 'engines', folders: ['llama', 'engines'], nodes: true },
  { name: 'clients', folders: ['clients'], nodes: true },
  { name: 'daemon', folders: ['daemon'], nodes: true },
  { name: 'browser', folders: ['browser'], nodes: true },
  { name: 'chaos', folders: ['chaos'], nodes: true, alone: true },
]

/** A row of the table at the end. */
const rows = []
/** What failed, and why in a few lines. */
const failures = []

function bin(name, entry) {
  return join(root, 'node_modules', ...name.split('/'), ...entry.split('/'))
}

/** Runs Node with `args`; resolves with whether it ended well, and with what it said when `quiet`. */
function node(args, { quiet = false, env = {} } = {}) {
  const output = quiet ? 'pipe' : 'inherit'
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((resolve) => child.once('close', (code) => resolve({ ok: code === 0, said })))
}

async function timed(task) {
  const from = performance.now()
  const result = await task()
  return { ...result, seconds: (performance.now() - from) / 1_000 }
}

async function runCheck({ name, args }) {
  const { ok, said, seconds } = await timed(() => node(args, { quiet: true }))
  if (!ok) {
    console.log(`\n${name}:\n${said}`)
    failures.push({ title: name, why: cut(said) })
  }
  rows.push({ name, seconds, passed: Number(ok), failed: Number(!ok), skipped: 0 })
}

/** One run of mocha. With coverage it is one process: processes that mocha ends do not write theirs. */
async function runMocha(name, specs, { parallel = false, list = true, coverage = false, env = {} } = {}) {
  console.log(`\n── ${name}`)
  const summary = join(scratch, `${name}.json`)
  const reporting = ['--reporter', join('scripts', 'mocha-reporter.cjs'), '--reporter-option', `summary=${summary}`]
  const args = [
    ...(coverage ? [bin('c8', 'bin/c8.js'), process.execPath] : []),
    bin('mocha', 'bin/mocha.js'),
    ...(parallel && !coverage && cores > 1 ? ['--parallel', '--jobs', `${cores}`] : []),
    ...reporting,
    ...['--reporter-option', `list=${list ? 'yes' : 'no'}`],
    ...specs,
  ]
  const { ok, seconds } = await timed(() => node(args, { env: { REALMESH_SKIP_LOG: skipLog, ...env } }))
  const counts = existsSync(summary)
    ? JSON.parse(readFileSync(summary, 'utf8'))
    : { passed: 0, failures: [], skipped: 0 }
  const failed = [...counts.failures]
  if (!ok && failed.length === 0) failed.push({ title: `${name}: mocha ended without a result`, why: [] })
  if (process.env.REALMESH_NO_SKIPS === '1' && counts.skipped > 0 && failed.length === 0) {
    failed.push({ title: `${name}: ${counts.skipped} skipped`, why: [] })
  }
  failures.push(...failed)
  rows.push({ name, seconds, passed: counts.passed, failed: failed.length, skipped: counts.skipped })
}

function testFiles() {
  return readdirSync(join(root, 'test'), { recursive: true })
    .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
    .sort()
}

/** The files of each stage. A file that no stage runs is a mistake. */
function filesByStage() {
  const files = testFiles()
  const folderOf = (file) => (file.includes(sep) ? file.split(sep)[0] : '.')
  const stageOf = (file) => STAGES.find(({ folders }) => folders.includes(folderOf(file)))
  const lost = files.filter((file) => stageOf(file) === undefined)
  if (lost.length > 0) throw new Error(`no stage of scripts/test.mjs runs ${lost.join(', ')}`)
  const specs = (stage) => files.filter((file) => stageOf(file) === stage).map((file) => join('test', file))
  return new Map(STAGES.map((stage) => [stage, specs(stage)]))
}

async function gate({ quick, coverage }) {
  await Promise.all(CHECKS.map(runCheck))
  for (const [stage, specs] of filesByStage()) {
    if (quick && stage.nodes) continue
    const patience = stage.nodes ? [] : ['--timeout', `${QUICK_TEST_MS}`]
    await runMocha(stage.name, [...patience, ...specs], {
      parallel: !stage.alone,
      list: stage.nodes === true,
      coverage,
    })
  }
}

async function fuzz() {
  const ofVolume = testFiles()
    .map((file) => join('test', file))
    .filter((file) => readFileSync(join(root, file), 'utf8').includes('/support/volume.ts'))
  const patience = ['--timeout', `${FUZZ_TEST_MS}`]
  await runMocha('fuzz', [...patience, ...ofVolume], { env: { REALMESH_VOLUME: 'large' } })
}

/** Tests that the caller named. Flags alone choose among all files. */
async function named(args) {
  const files = args.some((arg) => arg.endsWith('.ts'))
  await runMocha('tests', files ? args : [...args, join('test', '**', '*.test.ts')])
}

function printSummary() {
  const cell = (value) => `${value === 0 ? '' : value}`.padStart(9)
  console.log(`\n${''.padEnd(16)}${['seconds', 'passed', 'failed', 'skipped'].map(cell).join('')}`)
  for (const { name, seconds, passed, failed, skipped } of rows) {
    console.log(`${name.padEnd(16)}${[seconds.toFixed(1), passed, failed, skipped].map(cell).join('')}`)
  }
  const all = ((performance.now() - began) / 1_000).toFixed(1)
  const load = [loadBefore, loadavg()[0]].map((value) => value.toFixed(1)).join(' to ')
  console.log(`${'in all'.padEnd(16)}${cell(all)}   load ${load} on ${cores} cores`)
  if (existsSync(skipLog)) console.log(`\nskipped\n  ${readFileSync(skipLog, 'utf8').trim().replaceAll('\n', '\n  ')}`)
  if (failures.length > 0) console.log('\nfailed')
  for (const { title, why } of failures) console.log([`  ${title}`, ...why].join('\n      '))
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0)
  const skipped = sum('skipped')
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
}

const began = performance.now()
const [loadBefore = 0] = loadavg()
const args = process.argv.slice(2)
const own = (flag) => args.includes(flag)
const others = args.filter((arg) => !['--check', '--fuzz', '--coverage'].includes(arg))
if (others.length > 0) await named(others)
else if (own('--fuzz')) await fuzz()
else await gate({ quick: own('--check') || own('--coverage'), coverage: own('--coverage') })
printSummary()
rmSync(scratch, { recursive: true, force: true })
process.exitCode = failures.length === 0 ? 0 : 1
