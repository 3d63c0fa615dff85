/** What a process holds, as Linux tells it. Elsewhere there is nothing to compare, and the checks pass. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export interface ProcessVitals {
  /** Open descriptors: files, sockets, timers of the kernel. */
  readonly descriptors: number
  readonly rssMiB: number
}

/** Undefined where /proc is not. */
export function processVitals(pid: number): ProcessVitals | undefined {
  const folder = `/proc/${pid}`
  if (!existsSync(`${folder}/fd`)) return undefined
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8')) ?? []
  return { descriptors: readdirSync(`${folder}/fd`).length, rssMiB: Math.round(Number(kib) / 1_024) }
}
