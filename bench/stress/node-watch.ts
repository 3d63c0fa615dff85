/** How a node is while it is under load, by its own `/metrics`: memory, and how late its loop is. */
import { usageOf } from '../load/process-usage.ts'

/** Between two looks. The node's histogram of its loop begins anew with each. */
const LOOK_EVERY_MS = 5_000

/** The histogram measures a timer of this interval, and what it tells contains it. */
const LOOP_INTERVAL_MS = 10

export interface NodeFacts {
  readonly rssMaxMb: number
  /** 99th percentile of the loop's delay, of all looks and of the worst; milliseconds. */
  readonly loopP99Ms: { readonly median: number; readonly worst: number }
  /** Undefined where the node is not of this machine, or there is no /proc. */
  readonly cpuSeconds: number | undefined
}

export class NodeWatch {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #pids: readonly number[]
  readonly #rssMb: number[] = []
  readonly #loopMs: number[] = []
  readonly #cpuBefore: number | undefined
  readonly #timer: NodeJS.Timeout

  constructor(url: string, key: string | undefined, pids: readonly number[]) {
    this.#url = url
    this.#headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    this.#pids = pids
    this.#cpuBefore = usageOf(pids)?.cpuSeconds
    this.#timer = setInterval(() => void this.#look().catch(() => {}), LOOK_EVERY_MS)
  }

  /** Begins anew: what was before does not count. */
  async begin(): Promise<void> {
    await this.#look()
    this.#rssMb.length = 0
    this.#loopMs.length = 0
  }

  async end(): Promise<NodeFacts> {
    clearInterval(this.#timer)
    await this.#look()
    const loops = this.#loopMs.toSorted((a, b) => a - b)
    const cpu = usageOf(this.#pids)?.cpuSeconds
    const known = this.#pids.length > 0 && cpu !== undefined && this.#cpuBefore !== undefined
    return {
      rssMaxMb: Math.max(...this.#rssMb),
      loopP99Ms: { median: loops[Math.floor(loops.length / 2)] ?? 0, worst: loops.at(-1) ?? 0 },
      cpuSeconds: known ? cpu - (this.#cpuBefore ?? 0) : undefined,
    }
  }

  async #look(): Promise<void> {
    const text = await (await fetch(`${this.#url}/metrics`, { headers: this.#headers })).text()
    const figure = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
    this.#rssMb.push(figure('process_resident_memory_bytes') / 2 ** 20)
    this.#loopMs.push(Math.max(0, figure('nodejs_eventloop_lag_p99_seconds') * 1_000 - LOOP_INTERVAL_MS))
  }
}
