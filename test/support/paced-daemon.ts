/** A daemon in front of a simulated engine that says numbered tokens at a pace, and the watch on its loop. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compiledChild, removeCompiledChild } from './compiled-child.ts'
import { type Daemon, DaemonHarness, eventually } from './daemon.ts'
import type { LoopSamples } from './loop-watch.ts'

const ENGINE = 'test/support/engines/paced-engine.ts'
const LOOP_WATCH = 'test/support/loop-watch.ts'
/** More than any count of streams: it is the streams that are tried, not the queue in front of an engine. */
const SLOTS = 4_096

export class PacedDaemon {
  readonly #harness = new DaemonHarness()
  readonly #children = new Map<string, string>()
  #engine: ChildProcess | undefined
  #daemon: Daemon | undefined

  get daemon(): Daemon {
    return this.#daemon ?? assert.fail('start it first')
  }

  /** `watched`: with the watch on the daemon's loop. */
  async start({ watched = false } = {}): Promise<void> {
    const engine = spawn(process.execPath, [this.#compiled(ENGINE)], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#engine = engine
    const [line] = (await once(createInterface({ input: engine.stdout }), 'line')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    const home = this.#harness.home()
    const worker = { name: 'paced', engine: 'openai', url, slots: SLOTS }
    appendFileSync(join(home, 'realms.yml'), `workers:\n  - ${JSON.stringify(worker)}\n`)
    const env = watched
      ? { NODE_OPTIONS: `--import=${this.#compiled(LOOP_WATCH)}`, LOOP_WATCH_FILE: this.#loopFile }
      : {}
    this.#daemon = await this.#harness.up(['--no-builtin'], { home, env })
    await eventually('the model is listed', async () => {
      const listed = await fetch(`${this.daemon.http}/v1/models`)
      return (await listed.text()).includes('"paced"')
    })
  }

  async stop(): Promise<void> {
    await this.#harness.close()
    this.#engine?.kill('SIGKILL')
    for (const path of this.#children.values()) removeCompiledChild(path)
  }

  /** What the watch saw since the last time; undefined where there is none. */
  async loop(): Promise<LoopSamples | undefined> {
    if (!this.#children.has(LOOP_WATCH)) return undefined
    rmSync(this.#loopFile, { force: true })
    process.kill(this.daemon.pid, 'SIGUSR2')
    await eventually('the loop watch has written', () => existsSync(this.#loopFile))
    return JSON.parse(readFileSync(this.#loopFile, 'utf8')) as LoopSamples
  }

  get #loopFile(): string {
    return join(this.#harness.folder, 'loop.json')
  }

  #compiled(source: string): string {
    const path = this.#children.get(source) ?? compiledChild(source)
    this.#children.set(source, path)
    return path
  }
}
