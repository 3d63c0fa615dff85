/** Many streams at once over all doors of one daemon, each of whose tokens is counted. */
import assert from 'node:assert/strict'
import { Agent, request } from 'undici'
import { type Usage, usageOf } from '../../bench/load/process-usage.ts'
import type { Daemon } from '../support/daemon.ts'
import { DOOR_STREAMS, type DoorStream } from '../support/door-streams.ts'
import type { LoopSamples } from '../support/loop-watch.ts'
import { PacedDaemon } from '../support/paced-daemon.ts'

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
  readonly #paced = new PacedDaemon()
  readonly #agent = new Agent({ connections: null })

  get daemon(): Daemon {
    return this.#paced.daemon
  }

  /** `watched`: with the watch on the daemon's loop. */
  async start(options: { readonly watched?: boolean } = {}): Promise<void> {
    await this.#paced.start(options)
  }

  async stop(): Promise<void> {
    await this.#agent.destroy()
    await this.#paced.stop()
  }

  /** All streams at once, to their ends. */
  async run(plan: StreamPlan): Promise<StreamsResult> {
    await this.#paced.loop()
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
      loop: await this.#paced.loop(),
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
