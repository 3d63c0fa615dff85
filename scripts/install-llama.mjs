// Installs the real llama.cpp for test/llama, 85 MB instead of 725: the package without its optional builds, plus the
// one build for Linux on x64. Does nothing when the lock file has not changed, and nothing on other platforms, where
// the test says that it is skipped.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'llama')
const stamp = join(folder, 'node_modules', '.realmesh-stamp')

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('realmesh: the test with the real llama.cpp is for Linux on x64')
  process.exit(0)
}
const lock = createHash('sha256')
  .update(readFileSync(join(folder, 'package-lock.json')))
  .digest('hex')
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('realmesh: installing llama.cpp for its test (once per change of its lock file)')
  // Not `npm ci`: it refuses a lock file without the builds for platforms whose packages a registry does not carry.
  const args = ['install', '--no-save', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(stamp, lock)
}
