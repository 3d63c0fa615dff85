// The whole check in one command: types, lint, generated files, then the tests. `--check` leaves out swarm, daemon and chaos
// tests. Further arguments that are not flags go to mocha as test files. Ends with one line: `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const quick = process.argv.includes('--check')
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

function node(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

function tool(name, entry, args) {
  return node([join(root, 'node_modules', ...name.split('/'), ...entry.split('/')), ...args])
}

/** Checks that are not mocha tests; each counts as one. */
const CHECKS = [
  ['types (tsc)', () => tool('typescript', 'bin/tsc', ['-p', 'tsconfig.json'])],
  ['format and lint (biome)', () => tool('@biomejs/biome', 'bin/biome', ['check', '--error-on-warnings', '.'])],
  ['generated files are up to date', () => node([join('scripts', 'generate.mjs'), '--verify'])],
]

const ALL_SPECS = ['test/**/*.test.ts']
const QUICK_SPECS = ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/architecture.test.ts']

let passed = 0
let failed = 0
let skipped = 0

for (const [name, check] of files.length === 0 ? CHECKS : []) {
  const ok = check()
  console.log(`${ok ? '  ok  ' : '  FAIL'} ${name}`)
  if (ok) passed += 1
  else failed += 1
}

const results = mkdtempSync(join(tmpdir(), 'realmesh-test-'))
const summary = join(results, 'summary.json')
const specs = files.length > 0 ? files : quick ? QUICK_SPECS : ALL_SPECS
const mocha = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    '--reporter',
    join(root, 'scripts', 'mocha-reporter.cjs'),
    '--reporter-option',
    `summary=${summary}`,
    ...specs,
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
)
if (existsSync(summary)) {
  const counts = JSON.parse(readFileSync(summary, 'utf8'))
  passed += counts.passed
  failed += counts.failed
  skipped += counts.skipped
}
if (mocha.status !== 0 && failed === 0) failed += 1
rmSync(results, { recursive: true, force: true })

console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)
