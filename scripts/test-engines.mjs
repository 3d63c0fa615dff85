// The tests with real engines at their full volume: installs the real llama.cpp server, then runs test/engines and prints
// what each engine showed as a table. Other engines are tried where they are installed; each that is missing is named in
// one line, with how to name it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const scratch = mkdtempSync(join(tmpdir(), 'realmesh-engines-'))
const notes = join(scratch, 'notes')

function run(script, args, env = {}) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  return status ?? 1
}

/** What test/support/real/engine-table.ts noted: a figure says more than `ok`, and a failure more than both. */
function printTable(lines) {
  const rows = new Map()
  for (const { engine, row, cell } of lines.map((line) => JSON.parse(line))) {
    const cells = rows.get(row) ?? new Map()
    rows.set(row, cells)
    const known = cells.get(engine)
    if (known === undefined || known === 'ok' || cell === 'failed') cells.set(engine, cell)
  }
  const engines = [...new Set([...rows.values()].flatMap((cells) => [...cells.keys()]))]
  console.log(`\n| | ${engines.join(' | ')} |\n|${' --- |'.repeat(engines.length + 1)}`)
  for (const [row, cells] of rows)
    console.log(`| ${row} | ${engines.map((engine) => cells.get(engine) ?? '\u2013').join(' | ')} |`)
}

let status = run('scripts/install-engines.mjs', [])
if (status === 0) {
  const files = process.argv.length > 2 ? process.argv.slice(2) : ['test/engines/*.test.ts']
  status = run('scripts/test.mjs', files, { REALMESH_VOLUME: 'large', REALMESH_ENGINE_TABLE: notes })
}
if (existsSync(notes)) printTable(readFileSync(notes, 'utf8').trim().split('\n'))
rmSync(scratch, { recursive: true, force: true })
process.exit(status)
