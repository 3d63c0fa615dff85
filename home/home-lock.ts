/**
 * One daemon per home. Node has no advisory file locks, so each process lays down a claim: a file that is named after
 * its pid and the moment of its birth. One that sees another living claim after laying down its own gives way. A
 * claim's name belongs to one process for ever; hence a stale claim can be removed without ever hitting a living one,
 * and a reused pid is not mistaken for its predecessor. What this cannot see is a daemon in another pid namespace on a
 * shared folder: there the shards' own lock stops it.
 */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { RealmeshError } from '../core/realmesh-error.ts'
import { codeOf } from '../core/thrown.ts'
import type { HomeFolder } from './home-folder.ts'
import { processBirth } from './process-birth.ts'

/** Two daemons that start in the same instant both give way and try again; with random pauses one comes through. */
const LOCK_TRIES = 5

const LONGEST_PAUSE_MS = 60

const CLAIM = /^(\d{1,10})\.([A-Za-z0-9-]{1,64})$/

export interface HomeLock {
  /** Lets the next daemon in. Twice is harmless. */
  release(): Promise<void>
}

export interface HomeLockInit {
  /** The process that claims. Default: this one. */
  readonly pid?: number
  /** When a process began, as a word; undefined when it lives no more. Default: the system's answer. */
  readonly birthOf?: (pid: number) => Promise<string | undefined>
}

/** Takes the home for this process. Throws `HOME_LOCKED` with the other daemon's pid. */
export async function lockHome(
  home: Pick<HomeFolder, 'lockFolder' | 'configFolder'>,
  init: HomeLockInit = {},
): Promise<HomeLock> {
  const { pid = process.pid, birthOf = processBirth } = init
  const claim = join(home.lockFolder, `${pid}.${(await birthOf(pid)) ?? 'self'}`)
  const release = async (): Promise<void> => {
    await rm(claim, { force: true })
  }
  for (let attempt = 1; ; attempt += 1) {
    await writeFile(claim, '', { mode: 0o600 })
    const other = await livingClaim(home.lockFolder, claim, birthOf)
    if (other === undefined) return { release }
    await release()
    if (attempt === LOCK_TRIES) throw locked(home.configFolder, other)
    await pause(Math.random() * LONGEST_PAUSE_MS)
  }
}

/**
 * The pid of the daemon that lives in the home; undefined when there is none. Claims of the dead are removed on the
 * way.
 */
export async function livingDaemon(
  { lockFolder }: Pick<HomeFolder, 'lockFolder'>,
  { birthOf = processBirth }: Pick<HomeLockInit, 'birthOf'> = {},
): Promise<number | undefined> {
  return await livingClaim(lockFolder, '', birthOf)
}

/** The pid of another process that holds a claim; claims of the dead are removed on the way. */
async function livingClaim(
  folder: string,
  own: string,
  birthOf: (pid: number) => Promise<string | undefined>,
): Promise<number | undefined> {
  for (const name of await readdir(folder).catch(noFolder)) {
    const [, pid, birth] = CLAIM.exec(name) ?? []
    const path = join(folder, name)
    if (path === own || pid === undefined) continue
    if ((await birthOf(Number(pid))) === birth) return Number(pid)
    await rm(path, { force: true })
  }
  return undefined
}

/** No daemon ever started here. */
function noFolder(cause: unknown): readonly string[] {
  if (codeOf(cause) === 'ENOENT') return []
  throw cause
}

function locked(folder: string, pid: number): RealmeshError {
  return new RealmeshError('HOME_LOCKED', `another daemon (pid ${pid}) uses the home ${folder}`, {
    fix: `stop it (kill ${pid}), or name another home with --home DIR`,
  })
}
