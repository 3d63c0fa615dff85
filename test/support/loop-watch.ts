/**
 * Preloaded into a process under test: how long its event loop was held. On SIGUSR2 it writes to the file that
 * LOOP_WATCH_FILE names, as JSON, the samples since the last time.
 */
import { renameSync, writeFileSync } from 'node:fs'
import process from 'node:process'

const TICK_MS = 10

export interface LoopSamples {
  /** Milliseconds of CPU that the process spent between two ticks: what it held itself up with. */
  readonly heldMs: readonly number[]
  /** Milliseconds by which ticks were late, for whatever reason. */
  readonly lateMs: readonly number[]
  readonly rssMB: number
}

const file = process.env['LOOP_WATCH_FILE']
let heldMs: number[] = []
let lateMs: number[] = []
let cpu = process.cpuUsage()
let at = performance.now()

function tick(): void {
  const { user, system } = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  heldMs.push((user + system) / 1_000)
  lateMs.push(Math.max(0, performance.now() - at - TICK_MS))
  at = performance.now()
}

if (file !== undefined) {
  setInterval(tick, TICK_MS).unref()
  process.on('SIGUSR2', () => {
    const samples: LoopSamples = { heldMs, lateMs, rssMB: process.memoryUsage.rss() / 2 ** 20 }
    heldMs = []
    lateMs = []
    writeFileSync(`${file}.part`, JSON.stringify(samples))
    renameSync(`${file}.part`, file)
  })
}
