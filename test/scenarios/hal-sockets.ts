/** Many users on RENT-A-HAL's socket of one daemon, each with one query in flight all the time. */
import { setTimeout } from 'node:timers/promises'
import { type Usage, usageOf } from '../../bench/load/process-usage.ts'
import type { Daemon } from '../support/daemon.ts'
import type { LoopSamples } from '../support/loop-watch.ts'
import { PacedDaemon } from '../support/paced-daemon.ts'
import { HalClient } from '../support/rentahal-client.ts'

/** Sockets that are opened at once: a crowd, not a storm. */
const OPENED_AT_ONCE = 50

export interface SocketsPlan {
  readonly tokens: number
  readonly paceMs: number
  /** No query begins behind it. */
  readonly forMs: number
}

/** What became of all queries. */
export interface SocketsResult {
  readonly queries: number
  /** Those without a result, or with another than the engine said, one line for each. */
  readonly faults: readonly string[]
  /** By how much each took longer than its engine. */
  readonly lateMs: readonly number[]
  /** Messages that the sockets were told. */
  readonly told: number
  readonly cores: number | undefined
  readonly loop: LoopSamples | undefined
}

interface Tally {
  queries: number
  told: number
  readonly faults: string[]
  readonly lateMs: number[]
}

export class HalSockets {
  readonly #paced = new PacedDaemon()
  readonly #clients: HalClient[] = []

  get daemon(): Daemon {
    return this.#paced.daemon
  }

  /** With so many sockets, each of a user of its own. `watched`: with the watch on the daemon's loop. */
  async start(sockets: number, options: { readonly watched?: boolean } = {}): Promise<void> {
    await this.#paced.start(options)
    const port = Number(new URL(this.daemon.http).port)
    while (this.#clients.length < sockets) {
      const count = Math.min(OPENED_AT_ONCE, sockets - this.#clients.length)
      const opened = Array.from({ length: count }, () => new HalClient(port).greeted())
      this.#clients.push(...(await Promise.all(opened)))
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.leave()
    await this.#paced.stop()
  }

  /** A query at each socket, and another behind it, until the time is over and all have ended. */
  async run(plan: SocketsPlan): Promise<SocketsResult> {
    await this.#paced.loop()
    const before = usageOf([this.daemon.pid])
    const began = performance.now()
    const tally: Tally = { queries: 0, told: 0, faults: [], lateMs: [] }
    await Promise.all(this.#clients.map((client, index) => this.#user(client, index, { ...plan, began }, tally)))
    const seconds = (performance.now() - began) / 1_000
    return {
      ...tally,
      cores: coresBetween(before, usageOf([this.daemon.pid]), seconds),
      loop: await this.#paced.loop(),
    }
  }

  async #user(
    client: HalClient,
    index: number,
    plan: SocketsPlan & { readonly began: number },
    tally: Tally,
  ): Promise<void> {
    const { tokens, paceMs, forMs, began } = plan
    const expected = Array.from({ length: tokens }, (_, at) => ` ${index}.${at}`).join('')
    const query = {
      prompt: `stream=${index} tokens=${tokens} pace=${paceMs}`,
      model_type: 'huggingface',
      model_name: 'gpt2',
    }
    // Users do not begin as one: over the time that one query takes, each has its moment.
    await setTimeout((tokens * paceMs * index) / this.#clients.length)
    while (performance.now() - began < forMs) {
      const asked = performance.now()
      tally.queries += 1
      try {
        const told = await client.ask(query)
        tally.told += told.length
        tally.lateMs.push(performance.now() - asked - tokens * paceMs)
        const results = told.filter(({ type }) => type === 'query_result' || type === 'error')
        const [result] = results
        if (results.length !== 1 || result?.['result'] !== expected) {
          tally.faults.push(`socket ${index}: ${JSON.stringify(results).slice(0, 200)}`)
        }
      } catch (error) {
        tally.faults.push(`socket ${index}: ${String(error)}`)
        return
      }
    }
  }
}

function coresBetween(before: Usage | undefined, after: Usage | undefined, seconds: number): number | undefined {
  if (before === undefined || after === undefined) return undefined
  return (after.cpuSeconds - before.cpuSeconds) / seconds
}
