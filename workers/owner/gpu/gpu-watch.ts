/**
 * Reads the GPUs every few seconds, while some worker's owner asked for it, and says what the owner's policy needs to
 * know.
 */
import type { Clock } from '../../../core/run/clock.ts'
import type { GpuSituation } from '../owner-policy.ts'
import type { GpuReader, GpuReading } from './gpu-reading.ts'

export interface GpuWatchComponents {
  readonly clock: Clock
  readonly reader: GpuReader
  /** Whether queries of ours run on an engine of this machine. */
  readonly ownWork: () => boolean
  readonly onChange: () => void
}

export interface GpuWatchInit {
  /** Milliseconds between readings. @default 3000 */
  readonly intervalMs?: number
}

const DEFAULT_INTERVAL_MS = 3_000
/** A desktop draws with a few per cent; a game, a film's decoder or a training run takes more. */
const IN_USE_PERCENT = 20
/**
 * Programs that serve models: their use of the GPU is ours, or that of another program that asks them as we do. Python
 * may be vLLM.
 */
const ENGINE_PROGRAM = /ollama|llama|vllm|python|comfy|kobold|lm.?studio|text-generation|sd-server|realmesh|node/i

export class GpuWatch {
  readonly #components: GpuWatchComponents
  readonly #intervalMs: number
  #situation: GpuSituation | undefined
  /** Of the readings from one start to the next stop. */
  #life: symbol | undefined
  #cancelTimer = (): void => {}

  constructor(components: GpuWatchComponents, init: GpuWatchInit = {}) {
    this.#components = components
    this.#intervalMs = init.intervalMs ?? DEFAULT_INTERVAL_MS
  }

  /** The last reading; undefined when there was none, or no GPU. */
  get situation(): GpuSituation | undefined {
    return this.#situation
  }

  /** Begins to read; resolves after the first reading. */
  async start(): Promise<void> {
    if (this.#life !== undefined) return
    this.#life = Symbol('readings')
    await this.#read(this.#life)
  }

  stop(): void {
    this.#life = undefined
    this.#cancelTimer()
  }

  async #read(life: symbol): Promise<void> {
    // Our own work would look like another program's: what was known before it began stays true until a quiet moment.
    const ownBefore = this.#components.ownWork()
    const readings = await this.#components.reader.read()
    if (this.#life !== life) return
    const ownWork = ownBefore || this.#components.ownWork()
    const next = situationOf(readings, ownWork, this.#situation?.usedByOthers ?? false)
    const changed = JSON.stringify(next) !== JSON.stringify(this.#situation)
    this.#situation = next
    if (changed) this.#components.onChange()
    this.#cancelTimer = this.#components.clock.after(this.#intervalMs, () => {
      void this.#read(life)
    })
  }
}

/** What readings mean for the owner's policy. `before`: whether others used a GPU when we last could tell. */
export function situationOf(
  readings: readonly GpuReading[],
  ownWork: boolean,
  before: boolean,
): GpuSituation | undefined {
  if (readings.length === 0) return undefined
  const free = readings.flatMap(({ memoryTotalBytes: total, memoryUsedBytes: used }) =>
    total === undefined || used === undefined ? [] : total - used,
  )
  const temperatures = readings.flatMap(({ temperatureC }) => temperatureC ?? [])
  return {
    usedByOthers: usedByOthers(readings, ownWork, before),
    ...(free.length > 0 && { vramFreeBytes: Math.max(...free) }),
    ...(temperatures.length > 0 && { temperatureC: Math.max(...temperatures) }),
  }
}

function usedByOthers(readings: readonly GpuReading[], ownWork: boolean, before: boolean): boolean {
  if (readings.some(({ processes }) => processes?.some((name) => !ENGINE_PROGRAM.test(name)))) return true
  if (ownWork) return before
  return readings.some(({ utilizationPercent }) => (utilizationPercent ?? 0) >= IN_USE_PERCENT)
}
