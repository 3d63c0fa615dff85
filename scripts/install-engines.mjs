// Installs the real llama.cpp server and a small model for test/engines, by pip, into a folder that git ignores: 200
// MB, some ten seconds. Does nothing when test/engines/requirements.txt has not changed. Without Python or pip it says
// so in one line; the tests then say that they are skipped.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { installOnce, isInstalled, run } from './install-once.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'engines')
const requirements = join(folder, 'requirements.txt')
const python = process.env.PYTHON ?? 'python3'

const place = { asked: requirements, target: join(folder, '.cache', 'python') }

if (!isInstalled(place) && spawnSync(python, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status !== 0) {
  console.error(`realmesh: no ${python} with pip here, so the real llama.cpp server is not installed`)
  process.exit(0)
}
const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--root-user-action=ignore']
const alone = ['--no-deps', '--no-compile', '--only-binary=:all:', '--requirement', requirements]
const installed = installOnce({
  ...place,
  told: 'installing the real llama.cpp server for its tests (once per change of its requirements)',
  make: (into) => run(python, ['-m', 'pip', 'install', ...quiet, ...alone, '--target', join(into, 'python')], folder),
})
process.exit(installed ? 0 : 1)
