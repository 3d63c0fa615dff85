/**
 * CPU time and memory of processes, children included, from Linux's /proc: the figure that neighbours on the machine
 * disturb least.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** `/proc` counts in ticks of 10 ms on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** Positions in `/proc/<pid>/stat` behind the command's closing bracket: user time, system time, resident pages. */
const UTIME = 11
const STIME = 12
const RSS = 21

export interface Usage {
  readonly cpuSeconds: number
  readonly rssBytes: number
}

/**
 * The sum over `pids` and their descendants; undefined where there is no /proc. Processes that are gone count nothing.
 */
export function usageOf(pids: readonly number[]): Usage | undefined {
  if (process.platform !== 'linux') return undefined
  let ticks = 0
  let pages = 0
  for (const pid of new Set(pids.flatMap(withChildren))) {
    const fields = statOf(pid)
    ticks += Number(fields[UTIME] ?? 0) + Number(fields[STIME] ?? 0)
    pages += Number(fields[RSS] ?? 0)
  }
  return { cpuSeconds: ticks / TICKS_PER_SECOND, rssBytes: pages * PAGE_BYTES }
}

function statOf(pid: number): readonly string[] {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function withChildren(pid: number): number[] {
  const children = tasksOf(pid)
    .flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' '))
    .filter((child) => child.trim() !== '')
  return [pid, ...children.flatMap((child) => withChildren(Number(child)))]
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return [] // the process is gone
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // the process is gone
  }
}
