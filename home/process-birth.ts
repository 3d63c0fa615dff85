/**
 * Tells two processes with the same pid apart, by the moment at which the process began. A pid alone is not enough:
 * after a crash and a reboot the number may belong to anything.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { codeOf } from '../core/thrown.ts'

/** Long enough for a loaded machine; `ps` answers in milliseconds. */
const PS_TIMEOUT_MS = 2_000

/** Where the system does not tell when a process began. */
const BIRTH_UNKNOWN = 'unknown'

const run = promisify(execFile)

/**
 * A word (letters, digits, `-`) that no other process with this pid has on this machine; `unknown` where only its life
 * can be told; undefined when no such process lives. A process that has died but was not yet reaped counts as dead.
 */
export async function processBirth(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return await linuxBirth(pid)
  if (!isAlive(pid)) return undefined
  return process.platform === 'win32' ? BIRTH_UNKNOWN : await psBirth(pid)
}

/** Ticks since boot together with the boot's own id, so that a reboot does not bring the same word back. */
async function linuxBirth(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name, in parentheses, may hold spaces and parentheses of its own: fields are counted behind the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ticks] = [fields?.[0], fields?.[19]]
  if (state === undefined || ticks === undefined || state === 'Z' || state === 'X') return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${boot.trim().slice(0, 8)}-${ticks}`
}

async function psBirth(pid: number): Promise<string> {
  const result = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: PS_TIMEOUT_MS }).catch(
    () => undefined,
  )
  const word = result?.stdout.trim().replaceAll(/[^A-Za-z0-9]+/g, '-')
  return word === undefined || word === '' ? BIRTH_UNKNOWN : word
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
