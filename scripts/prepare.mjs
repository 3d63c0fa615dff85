// Makes a clone runnable: installs what package-lock.json asks for and builds dist/, each only when it is missing or
// stale. Plain Node without dependencies, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const STAMPS = join(root, 'node_modules', '.cache', 'realmesh')
/** What dist/ is built from. */
const BUILD_INPUTS = [
  'bin',
  'gateway',
  'node',
  'routing',
  'discovery',
  'protocols',
  'workers',
  'engines',
  'storage',
  'config',
  'home',
  'core',
  'tsconfig.json',
  'tsconfig.build.json',
]

function digestFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function filesBelow(path) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

/** Names, sizes and times of the inputs: enough to notice an edit, and fast enough for every start. */
function fingerprint(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => filesBelow(join(root, path))).sort()) {
    const { mtimeMs, size } = statSync(file)
    hash.update(`${file}\0${mtimeMs}\0${size}\0`)
  }
  return hash.digest('hex')
}

function stampIs(name, value) {
  const file = join(STAMPS, name)
  return existsSync(file) && readFileSync(file, 'utf8') === value
}

function writeStamp(name, value) {
  mkdirSync(STAMPS, { recursive: true })
  writeFileSync(join(STAMPS, name), value)
}

function run(command, args) {
  const windows = process.platform === 'win32'
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
  if (result.error !== undefined) {
    console.error(`realmesh: could not run ${command}: ${result.error.message}`)
    process.exit(1)
  }
  if (result.status !== 0) {
    console.error(`realmesh: ${command} ${args.join(' ')} failed with status ${result.status}`)
    process.exit(result.status ?? 1)
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `realmesh: Node ${process.versions.node} is too old\n  fix: install Node 20.19 or newer (22 or 24 recommended)`,
  )
  process.exit(1)
}

/**
 * Whether npm's own note of what it installed here has all that package-lock.json asks for, so that a person's `npm ci`
 * is not done again. What is optional may be missing: it is for other platforms.
 */
function npmHasInstalled() {
  const note = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(note)) return false
  const [asked, here] = [join(root, 'package-lock.json'), note].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')).packages,
  )
  return Object.entries(asked).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      (here[path] === undefined
        ? optional === true
        : here[path].version === version && here[path].integrity === integrity),
  )
}

checkNode()
const lock = digestFile(join(root, 'package-lock.json'))
if (!stampIs('installed', lock) && npmHasInstalled()) writeStamp('installed', lock)
if (!stampIs('installed', lock)) {
  console.error('realmesh: installing dependencies (once per change of package-lock.json)')
  // Errors only: on Node 20 npm warns of packages that name Node 22, and the checks run there too.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  writeStamp('installed', lock)
}
if (!process.argv.includes('--install-only')) {
  const sources = fingerprint(BUILD_INPUTS)
  if (!stampIs('built', sources) || !existsSync(join(root, 'dist', 'bin', 'realmesh.js'))) {
    console.error('realmesh: building dist/')
    run(process.execPath, [join('scripts', 'build.mjs')])
    writeStamp('built', sources)
  }
}
