// Compiles the sources to dist/. The old output goes first, so that a deleted source leaves no file behind.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
rmSync(join(root, 'dist'), { recursive: true, force: true })
rmSync(join(root, 'node_modules', '.cache', 'realmesh', 'build.tsbuildinfo'), { force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
if (!existsSync(compiler)) {
  console.error('realmesh: the compiler is not installed\n  fix: npm install')
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
})
process.exit(status ?? 1)
