// Installs the real llama.cpp server and a small model for test/engines, by pip, into a folder that git ignores: 200
// MB, some ten seconds. Does nothing when test/engines/requirements.txt has not changed. Without Python or pip it says
// so in one line; the tests then say that they are skipped.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'engines')
const requirements = join(folder, 'requirements.txt')
const target = join(folder, '.cache', 'python')
const stamp = join(folder, '.cache', 'stamp')
const python = process.env.PYTHON ?? 'python3'

const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0)

if (spawnSync(python, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status !== 0) {
  console.error(`realmesh: no ${python} with pip here, so the real llama.cpp server is not installed`)
  process.exit(0)
}
console.error('realmesh: installing the real llama.cpp server for its tests (once per change of its requirements)')
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--root-user-action=ignore']
const alone = ['--no-deps', '--no-compile', '--only-binary=:all:', '--target', target, '--requirement', requirements]
const { status } = spawnSync(python, ['-m', 'pip', 'install', ...quiet, ...alone], { stdio: ['ignore', 2, 2] })
if (status !== 0) process.exit(status ?? 1)
writeFileSync(stamp, wanted)
