/** Many streams at once over all doors of one daemon, each of whose tokens is counted. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Agent, request } from 'undici'
import { type Usage, usageOf } from '../../bench/load/process-usage.ts'
import { compiledChild, removeCompiledChild } from '../support/compiled-child.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { DOOR_STREAMS, type DoorStream } from '../support/door-streams.ts'
import type { LoopSamples } from '../support/loop-watch.ts'

const ENGINE = 'test/support/engines/paced-engine.ts'
const LOOP_WATCH = 'test/support/loop-watch.ts'
/** More than any count of streams: it is the streams that are tried, not the queue in front of an engine. */
const SLOTS = 4_096

export interface StreamPlan {
  /** In turn to one door after the other. */
  readonly streams: number
  readonly tokens: number
  readonly paceMs: number
}

/** What became of all streams. */
export interface StreamsResult {
  readonly tokens: number
  /** Tokens that did not come, came twice, in another order or to another stream. */
  readonly wrong: number
  /** Pieces in which they came. */
  readonly pieces: number
  /** What is wrong with streams, one line for each. */
  readonly faults: readonly string[]
  /** By how much a stream took longer than its engine, each. */
  readonly lateMs: readonly number[]
  /** CPU seconds of the daemon per second while they ran; undefined where nothing tells. */
  readonly cores: number | undefined
  readonly loop: LoopSamples | undefined
}

export class MixedStreams {
  readonly #harness = new DaemonHarness()
  readonly #children = new Map<string, string>()
  readonly #agent = new Agent({ connections: null })
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
    await this.#agent.destroy()
    await this.#harness.close()
    this.#engine?.kill('SIGKILL')
    for (const path of this.#children.values()) removeCompiledChild(path)
  }

  /** All streams at once, to their ends. */
  async run(plan: StreamPlan): Promise<StreamsResult> {
    const watched = this.#children.has(LOOP_WATCH)
    if (watched) await this.#loop()
    const before = usageOf([this.daemon.pid])
    const began = performance.now()
    const readings = await Promise.all(
      Array.from({ length: plan.streams }, (_, stream) => this.#read(stream, plan, performance.now())),
    )
    const seconds = (performance.now() - began) / 1_000
    const sum = (of: (reading: Reading) => number): number => readings.reduce((all, reading) => all + of(reading), 0)
    return {
      tokens: plan.streams * plan.tokens,
      wrong: sum(({ wrong }) => wrong),
      pieces: sum(({ pieces }) => pieces),
      faults: readings.flatMap(({ faults }) => faults),
      lateMs: readings.map(({ lateMs }) => lateMs),
      cores: coresBetween(before, usageOf([this.daemon.pid]), seconds),
      loop: watched ? await this.#loop() : undefined,
    }
  }

  async #read(stream: number, { tokens, paceMs }: StreamPlan, began: number): Promise<Reading> {
    const door = DOOR_STREAMS[stream % DOOR_STREAMS.length] ?? assert.fail('there are doors')
    const reading = new Reading(door, stream, tokens)
    try {
      const { statusCode, body } = await request(`${this.daemon.http}${door.path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(door.body('paced', `stream=${stream} tokens=${tokens} pace=${paceMs}`)),
        dispatcher: this.#agent,
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      body.setEncoding('utf8')
      if (statusCode !== 200) reading.fault(`HTTP ${statusCode} ${(await body.text()).slice(0, 200)}`)
      else for await (const part of body) reading.take(String(part))
    } catch (error) {
      reading.fault(String(error))
    }
    reading.close(performance.now() - began - tokens * paceMs)
    return reading
  }

  get #loopFile(): string {
    return join(this.#harness.folder, 'loop.json')
  }

  async #loop(): Promise<LoopSamples> {
    rmSync(this.#loopFile, { force: true })
    process.kill(this.daemon.pid, 'SIGUSR2')
    await eventually('the loop watch has written', () => existsSync(this.#loopFile))
    return JSON.parse(readFileSync(this.#loopFile, 'utf8')) as LoopSamples
  }

  #compiled(source: string): string {
    const path = this.#children.get(source) ?? compiledChild(source)
    this.#children.set(source, path)
    return path
  }
}

/** One stream as it comes. */
class Reading {
  readonly faults: string[] = []
  pieces = 0
  wrong = 0
  lateMs = 0
  readonly #door: DoorStream
  readonly #stream: number
  readonly #tokens: number
  #rest = ''
  #text = ''
  #number = 0
  readonly #ends: string[] = []

  constructor(door: DoorStream, stream: number, tokens: number) {
    this.#door = door
    this.#stream = stream
    this.#tokens = tokens
  }

  take(part: string): void {
    const lines = (this.#rest + part).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  fault(what: string): void {
    this.faults.push(`${this.#door.name}, stream ${this.#stream}: ${what}`)
  }

  /** Holds all that came against what the engine said. */
  close(lateMs: number): void {
    this.lateMs = lateMs
    if (this.#rest !== '') this.fault(`a line without an end: ${this.#rest.slice(0, 100)}`)
    if (this.#ends.length !== 1 || this.#ends[0] !== 'done') this.fault(`ended ${this.#ends.join(', ') || 'never'}`)
    const came = this.#text.split(' ').slice(1)
    for (let at = 0; at < Math.max(came.length, this.#tokens); at += 1) {
      if (at >= this.#tokens || came[at] !== `${this.#stream}.${at}`) this.wrong += 1
    }
    if (this.wrong > 0) this.fault(`${this.wrong} of ${this.#tokens} tokens are wrong`)
  }

  #line(line: string): void {
    const { text = '', ended, number } = this.#door.read(line)
    if (number !== undefined && number !== this.#number++) this.fault(`event ${number} came as ${this.#number - 1}`)
    if (text !== '') {
      if (this.#ends.length > 0) this.fault('text behind the end')
      this.#text += text
      this.pieces += 1
    }
    if (ended !== undefined) this.#ends.push(ended)
  }
}

function coresBetween(before: Usage | undefined, after: Usage | undefined, seconds: number): number | undefined {
  if (before === undefined || after === undefined) return undefined
  return (after.cpuSeconds - before.cpuSeconds) / seconds
}
