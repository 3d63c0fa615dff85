// Installs the real client programs for test/clients into folders that git ignores: the Node ones (100 MB, some 15
// seconds), and with `--python` those of each requirements file into an environment of its own, which takes minutes;
// `--python=NAME` only that one. Does nothing where the lock or requirements file has not changed. Without a Python it
// says so in one line; the tests then say what is missing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'clients')
const python = process.env.PYTHON ?? 'python3'
/** Programs whose own pins do not fit together have an environment each; the last is 7 GB. */
const ENVIRONMENTS = ['python', 'aider', 'open-webui']
const USUAL = ['python', 'aider']

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2] })
  return status === 0
}

function isDone(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

function installNode() {
  const stamp = join(folder, 'node_modules', '.realmesh-stamp')
  const wanted = digestOf(join(folder, 'package-lock.json'))
  if (isDone(stamp, wanted)) return true
  console.error('realmesh: installing the client programs for their tests (once per change of their lock file)')
  if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])) return false
  writeFileSync(stamp, wanted)
  return true
}

function installPython(name) {
  const requirements = join(folder, 'requirements', `${name}.txt`)
  const home = join(folder, '.cache', name)
  const stamp = join(home, 'stamp')
  const wanted = digestOf(requirements)
  if (isDone(stamp, wanted)) return true
  console.error(`realmesh: installing the Python programs of ${name} (once per change of their requirements)`)
  rmSync(home, { recursive: true, force: true })
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--requirement', requirements]
  if (!run(python, ['-m', 'venv', home])) return false
  if (!run(join(home, 'bin', 'python'), ['-m', 'pip', 'install', ...quiet])) return false
  writeFileSync(stamp, wanted)
  return true
}

function wantedEnvironments() {
  const flag = process.argv.find((arg) => arg.startsWith('--python'))
  if (flag === undefined) return []
  const name = flag.split('=')[1]
  if (name === undefined) return USUAL
  if (ENVIRONMENTS.includes(name)) return [name]
  console.error(`realmesh: no environment ${name}; there are ${ENVIRONMENTS.join(', ')}`)
  process.exit(2)
}

if (!installNode()) process.exit(1)
for (const name of wantedEnvironments()) {
  if (spawnSync(python, ['-m', 'venv', '--help'], { stdio: 'ignore' }).status !== 0) {
    console.error(`realmesh: no ${python} with venv here, so its client programs are not installed`)
    break
  }
  if (!installPython(name)) console.error(`realmesh: the programs of ${name} could not be installed`)
}
