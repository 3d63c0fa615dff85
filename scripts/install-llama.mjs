// Installs the real llama.cpp for test/llama, 85 MB instead of 725: the package without its optional builds, plus the
// one build for Linux on x64. Does nothing when the lock file has not changed, and nothing on other platforms, where
// the test says that it is skipped.
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { installOnce, nodeModulesOf } from './install-once.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'llama')

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('realmesh: the test with the real llama.cpp is for Linux on x64')
  process.exit(0)
}
const installed = installOnce({
  asked: join(folder, 'package-lock.json'),
  target: join(folder, 'node_modules'),
  told: 'installing llama.cpp for its test (once per change of its lock file)',
  // Not `npm ci`: it refuses a lock file without the builds for platforms whose packages a registry does not carry.
  make: nodeModulesOf(folder, ['install', '--no-save', '--omit=optional']),
})
process.exit(installed ? 0 : 1)
