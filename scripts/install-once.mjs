// What the installers of programs for tests share: each installs what one file asks for into one folder that git
// ignores, once per change of that file. A run that is cut off does not harm the next one, although its npm or pip may
// go on by itself: what is installed is made beside its place, and moved there when it is whole.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Stands in the installed folder and says what it was installed from. */
const STAMP = '.realmesh-stamp'
/** Begins the names of folders in which something is being installed. */
const WORK = '.installing-'

/** Runs a program whose output goes to stderr. Whether it ended well. */
export function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] }).status === 0
}

/** Whether `target` was installed from `asked`, a lock or requirements file, as that is now. */
export function isInstalled({ asked, target }) {
  const stamp = join(target, STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(asked)
}

/**
 * Installs `target` from `asked` unless it is, after saying `told`; returns whether it is then. `make(folder)` makes a
 * folder of the target's name in `folder`, and returns whether it could; with `inPlace` that is the target itself, for
 * what knows its own path.
 */
export function installOnce({ asked, target, told, make, inPlace = false }) {
  if (isInstalled({ asked, target })) return true
  console.error(`realmesh: ${told}`)
  const place = dirname(target)
  mkdirSync(place, { recursive: true })
  for (const name of readdirSync(place)) if (name.startsWith(WORK)) remove(join(place, name))
  if (inPlace) {
    remove(target)
    if (!make(place)) return false
  } else {
    const folder = mkdtempSync(join(place, WORK))
    try {
      if (!make(folder)) return false
      remove(target)
      renameSync(join(folder, basename(target)), target)
    } finally {
      remove(folder)
    }
  }
  writeFileSync(join(target, STAMP), digestOf(asked))
  return true
}

/** What `installOnce` makes for the package.json and the lock file of `from`: their node_modules. */
export function nodeModulesOf(from, args) {
  return (folder) => {
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(from, name), join(folder, name))
    return run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  }
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** An installer that was left behind may still write there; it ends when its folder is gone. */
function remove(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
