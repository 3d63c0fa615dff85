/**
 * Which homes a node runs with: each daemon leaves a note in a folder of its user, so that a command that looked into
 * the wrong home, or a second node that finds a port taken, can name the right one. A hint and no more: what is not
 * noted is not named.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portOf } from '../../core/net/url-port.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { atomicWrite } from '../../home/atomic-write.ts'
import { type HomeFolder, homeFlag } from '../../home/home-folder.ts'
import { livingDaemon } from '../../home/home-lock.ts'
import { readRuntimeFile } from '../../home/runtime-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What of a home is noted: enough to see whether its daemon lives, and to name it. */
type NotedHome = Pick<HomeFolder, 'configFolder' | 'dataFolder' | 'lockFolder' | 'runtimeFile'>

export interface RunningHome {
  readonly folder: string
  /** What names it on a command line; empty for the home that is meant without a flag. */
  readonly flag: string
  /** Of its gateway. */
  readonly http: string
}

/** Gone with the machine's next start, as the daemons are. */
function notesFolder(env: Environment): string {
  const runtime = env['XDG_RUNTIME_DIR']
  return runtime?.startsWith('/') === true
    ? join(runtime, 'realmesh')
    : join(tmpdir(), `realmesh-${process.getuid?.() ?? 'homes'}`)
}

/** Leaves the note of this process; the returned function takes it back. Never rejects. */
export async function noteRunningHome(home: NotedHome, env: Environment): Promise<() => Promise<void>> {
  const folder = notesFolder(env)
  const note = join(folder, `${process.pid}.json`)
  const { configFolder, dataFolder, lockFolder, runtimeFile } = home
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (!(await isOurs(folder))) return async () => {}
    await atomicWrite(note, JSON.stringify({ configFolder, dataFolder, lockFolder, runtimeFile }), { mode: 0o600 })
  } catch {
    return async () => {} // a folder that cannot be written to costs a hint
  }
  return async () => await rm(note, { force: true }).catch(() => {})
}

/** The homes of this user that a node runs with; notes of the dead are passed over. Never rejects. */
export async function runningHomes(env: Environment): Promise<readonly RunningHome[]> {
  const folder = notesFolder(env)
  try {
    if (!(await isOurs(folder))) return []
    const found = await Promise.all((await readdir(folder)).map((name) => runningHome(join(folder, name))))
    return found.filter((home) => home !== undefined)
  } catch {
    return []
  }
}

/** In a folder that others may write to, a note could lead anywhere. */
async function isOurs(folder: string): Promise<boolean> {
  const { uid, mode } = await stat(folder)
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}

async function runningHome(note: string): Promise<RunningHome | undefined> {
  try {
    const home: unknown = JSON.parse(await readFile(note, 'utf8'))
    if (!isNoted(home)) return undefined
    if ((await livingDaemon(home)) === undefined) return void (await rm(note, { force: true })) // it was killed
    const { http } = await readRuntimeFile(home)
    return { folder: home.configFolder, flag: homeFlag(home), http }
  } catch {
    return undefined // half written, or its home is gone
  }
}

function isNoted(value: unknown): value is NotedHome {
  const noted = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof NotedHome, unknown>>
  const { configFolder, dataFolder, lockFolder, runtimeFile } = noted
  return [configFolder, dataFolder, lockFolder, runtimeFile].every((path) => typeof path === 'string')
}

/** Homes that one error names. */
const NAMED = 3

/** `DAEMON_NOT_RUNNING` with the homes that do run; any other error as it is. */
export async function withRunningHomes(error: RealmeshError, env: Environment): Promise<RealmeshError> {
  if (error.code !== 'DAEMON_NOT_RUNNING') return error
  const homes = (await runningHomes(env)).slice(0, NAMED)
  if (homes.length === 0) return error
  const where = homes.map(({ flag, folder }) => (flag === '' ? `${folder} (leave --home out)` : flag.trim())).join(', ')
  return new RealmeshError(error.code, error.message, { fix: `a node runs with ${where}; ${error.fix}`, cause: error })
}

/** `PORT_IN_USE` with the node that has the port, where it is one of this user's; any other error as it is. */
export async function withPortHolder(error: unknown, port: number, env: Environment): Promise<unknown> {
  if (!(error instanceof RealmeshError) || error.code !== 'PORT_IN_USE') return error
  const holder = (await runningHomes(env)).find(({ http }) => portOf(http) === port)
  if (holder === undefined) return error
  const message = error.message.replace('another program', `a realmesh node (home ${holder.folder})`)
  return new RealmeshError(error.code, message, { ...(error.fix !== undefined && { fix: error.fix }), cause: error })
}
