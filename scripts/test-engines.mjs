// The tests with real engines at their full volume: installs the real llama.cpp server, then runs test/engines. Other
// engines are tried where they are installed; each that is missing is named in one line, with how to name it.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

function run(script, args, env = {}) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  if (status !== 0) process.exit(status ?? 1)
}

run('scripts/install-engines.mjs', [])
run('scripts/test.mjs', ['test/engines/*.test.ts'], { REALMESH_VOLUME: 'large' })
