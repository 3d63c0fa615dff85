/**
 * What a running daemon tells the command line: who and where it is. Written when the gateway answers, removed at the
 * end.
 */
import { readFile, rm } from 'node:fs/promises'
import { RealmeshError } from '../core/realmesh-error.ts'
import { atomicWrite } from './atomic-write.ts'
import type { HomeFolder } from './home-folder.ts'

export interface RuntimeRecord {
  readonly pid: number
  /** The gateway's address, such as `http://127.0.0.1:5000`. */
  readonly http: string
  /** SHA-256 of the certificates that the gateway may show, where it speaks TLS: others are not ours. */
  readonly fingerprints?: readonly string[]
  readonly peerId: string
  /** Wall clock, milliseconds since the epoch. */
  readonly startedAt: number
}

type RuntimeHome = Pick<HomeFolder, 'runtimeFile' | 'configFolder'>

/** Writes the record; the returned function removes it, unless another process has put its own there. */
export async function writeRuntimeFile(home: RuntimeHome, record: RuntimeRecord): Promise<() => Promise<void>> {
  await atomicWrite(home.runtimeFile, `${JSON.stringify(record)}\n`, { mode: 0o600 })
  return async () => {
    const current = await readFile(home.runtimeFile, 'utf8').catch(() => '')
    if (parse(current)?.pid === record.pid) await rm(home.runtimeFile, { force: true })
  }
}

/**
 * The daemon of this home. Throws `DAEMON_NOT_RUNNING` when there is none. A record may outlive a daemon that was
 * killed.
 */
export async function readRuntimeFile(home: RuntimeHome): Promise<RuntimeRecord> {
  const text = await readFile(home.runtimeFile, 'utf8').catch(() => '')
  const record = parse(text)
  if (record !== undefined) return record
  throw daemonNotRunning(home)
}

/** No daemon answers for this home. `cause` is what the attempt to reach it ended with. */
export function daemonNotRunning(home: RuntimeHome, cause?: unknown): RealmeshError {
  return new RealmeshError('DAEMON_NOT_RUNNING', `no daemon runs with the home ${home.configFolder}`, {
    fix: 'start one with: realmesh up (or name its home with --home DIR)',
    cause,
  })
}

function parse(text: string): RuntimeRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // Nothing there, or not ours: both mean that no daemon told us where it is.
  }
}

function isRecord(value: unknown): value is RuntimeRecord {
  if (typeof value !== 'object' || value === null) return false
  const { pid, http, fingerprints = [], peerId, startedAt } = value as Partial<Record<keyof RuntimeRecord, unknown>>
  return (
    typeof pid === 'number' &&
    typeof http === 'string' &&
    /^https?:\/\//.test(http) &&
    Array.isArray(fingerprints) &&
    typeof peerId === 'string' &&
    typeof startedAt === 'number'
  )
}
