// Installs the real client programs for test/clients into folders that git ignores: the Node ones (100 MB, some 15
// seconds), and with `--python` those of each requirements file into an environment of its own, which takes minutes;
// `--python=NAME` only that one. Does nothing where the lock or requirements file has not changed. Without a Python it
// says so in one line; the tests then say what is missing.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { installOnce, nodeModulesOf, run } from './install-once.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'clients')
const python = process.env.PYTHON ?? 'python3'
/** Programs whose own pins do not fit together have an environment each; the last is 7 GB. */
const ENVIRONMENTS = ['python', 'aider', 'open-webui']
const USUAL = ['python', 'aider']

function installNode() {
  return installOnce({
    asked: join(folder, 'package-lock.json'),
    target: join(folder, 'node_modules'),
    told: 'installing the client programs for their tests (once per change of their lock file)',
    make: nodeModulesOf(folder, ['ci']),
  })
}

function installPython(name) {
  const asked = join(folder, 'requirements', `${name}.txt`)
  const target = join(folder, '.cache', name)
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--requirement', asked]
  return installOnce({
    asked,
    target,
    told: `installing the Python programs of ${name} (once per change of their requirements)`,
    inPlace: true,
    make: () =>
      run(python, ['-m', 'venv', target], folder) &&
      run(join(target, 'bin', 'python'), ['-m', 'pip', 'install', ...quiet], folder),
  })
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
