// The real client programs at a gateway: installs them, runs test/clients, and prints which program can do what. The
// gate runs the Node ones alone.
//
//   npm run test:clients                  those of Node and of Python
//   npm run test:clients -- open-webui    Open WebUI too, which takes 7 GB
//   npm run test:clients -- -g "aider"    flags go to mocha
//
// A program that is not installed is a row of `?` with the reason below the table.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const scratch = mkdtempSync(join(tmpdir(), 'realmesh-clients-'))
const cellFile = join(scratch, 'cells')
const args = process.argv.slice(2)

function run(script, given, env = {}) {
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }
  return spawnSync(process.execPath, [join(root, script), ...given], options).status ?? 1
}

/** Rows by program: version, and the mark of each feature. */
function rowsOf(cells) {
  const rows = new Map()
  for (const { client, version, feature, mark } of cells) {
    const row = rows.get(client) ?? { version: '', marks: new Map() }
    if (version !== undefined) row.version = version
    row.marks.set(feature, mark)
    rows.set(client, row)
  }
  return rows
}

function printTable(cells, features) {
  console.log(`\n| client | ${Object.values(features).join(' | ')} |`)
  console.log(`| --- |${' --- |'.repeat(Object.keys(features).length)}`)
  for (const [client, { version, marks }] of rowsOf(cells)) {
    const markOf = (feature) => marks.get(feature) ?? '?'
    console.log(`| ${`${client} ${version}`.trim()} | ${Object.keys(features).map(markOf).join(' | ')} |`)
  }
  console.log('\n`+` works, `-` fails, `.` the program does not have it, `?` not run')
  for (const { client, feature, mark, note } of cells.filter((cell) => cell.note !== undefined)) {
    console.log(`${mark} ${client}, ${features[feature] ?? 'everything'}: ${note}`)
  }
}

/** The titles stand in the suite; they are read from it, as this script is plain Node. */
function titles() {
  const source = readFileSync(join(root, 'test', 'clients', 'features.ts'), 'utf8')
  const table = source.slice(source.indexOf('FEATURES = {'), source.indexOf('} as const'))
  return Object.fromEntries([...table.matchAll(/(\w+): '([^']+)'/g)].map(([, key, title]) => [key, title]))
}

run('scripts/install-engines.mjs', [])
run('scripts/install-clients.mjs', ['--python'])
if (args.includes('open-webui')) run('scripts/install-clients.mjs', ['--python=open-webui'])
const flags = args.filter((arg) => arg !== 'open-webui')
process.exitCode = run('scripts/test.mjs', [...flags, 'test/clients/*.test.ts'], { REALMESH_CLIENT_MATRIX: cellFile })
const lines = existsSync(cellFile) ? readFileSync(cellFile, 'utf8').trim().split('\n') : []
printTable(
  lines.map((line) => JSON.parse(line)),
  titles(),
)
rmSync(scratch, { recursive: true, force: true })
