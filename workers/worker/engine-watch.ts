/**
 * Looks at one engine again and again, for as long as it is used: when to look, and what to ask. What it means others
 * decide.
 */
import type { Clock } from '../../core/run/clock.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { checkEngine, type EngineReport } from './engine-check.ts'

export interface EngineWatchInit {
  /** Milliseconds that each question may take. @default 2000 */
  readonly timeoutMs?: number
  /** Milliseconds after which the list of models is asked for again. @default 10000 */
  readonly modelsEveryMs?: number
  /** Milliseconds until the next look, asked after each look. */
  readonly nextMs: () => number
  /** Whether the engine is well and nothing is asked of it. @default never */
  readonly idle?: () => boolean
  /** Least milliseconds between two looks at an idle engine. @default 5000 */
  readonly idleMs?: number
  /** Models that the owner names, now. @default none */
  readonly named?: () => readonly string[]
  /** Called right before the engine's load is asked for. */
  readonly beforeLoad: () => void
  readonly onReport: (report: EngineReport) => void
}

/** Python servers stall for a second under load; longer is a sign. */
export const DEFAULT_PROBE_TIMEOUT_MS = 2_000
/** A model that was pulled shows up within this time. */
const DEFAULT_MODELS_EVERY_MS = 10_000
/** An engine that nobody uses should find its log readable and its machine asleep. */
export const IDLE_LOOK_MS = 5_000
/** A list of models that was not told is asked for once more so soon. */
const SECOND_ASKING_MS = 300

export class EngineWatch {
  readonly #engine: Engine
  readonly #clock: Clock
  readonly #init: EngineWatchInit
  #life: AbortController | undefined
  #looking: Promise<void> | undefined
  #cancelTimer = (): void => {}
  /** When the next look is due. */
  #dueAt = Number.POSITIVE_INFINITY
  #modelsDueAt = Number.NEGATIVE_INFINITY
  /** How often in a row the models were not told. */
  #untold = 0

  constructor({ engine, clock }: { readonly engine: Engine; readonly clock: Clock }, init: EngineWatchInit) {
    this.#engine = engine
    this.#clock = clock
    this.#init = init
  }

  /** Begins to look; resolves after the first look, whatever it showed. */
  async start(): Promise<void> {
    this.#life ??= new AbortController()
    await this.look()
  }

  /**
   * Brings the next look forward where it is due later than in `ms`: an engine that is used is watched more closely.
   */
  lookWithin(ms: number): void {
    if (this.#life === undefined || this.#looking !== undefined) return
    if (this.#dueAt > this.#clock.monotonic() + ms) this.#lookIn(ms)
  }

  stop(): void {
    this.#life?.abort()
    this.#life = undefined
    this.#cancelTimer()
  }

  /**
   * Looks now, or joins the look under way; `models`: asks for them too, whenever they are due. Does nothing when
   * stopped.
   */
  async look({ models = false }: { readonly models?: boolean } = {}): Promise<void> {
    // The look under way may be past that question.
    if (models) await this.#looking
    if (models) this.#modelsDueAt = Number.NEGATIVE_INFINITY
    if (this.#life === undefined) return
    this.#looking ??= this.#look(this.#life).finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  async #look(life: AbortController): Promise<void> {
    this.#cancelTimer()
    const models = this.#clock.monotonic() >= this.#modelsDueAt
    this.#init.beforeLoad()
    const report = await checkEngine(this.#engine, this.#clock, {
      models,
      load: this.#engine.load !== undefined,
      named: this.#init.named?.() ?? [],
      timeoutMs: this.#init.timeoutMs ?? DEFAULT_PROBE_TIMEOUT_MS,
      signal: life.signal,
    })
    if (life.signal.aborted) return
    this.#planModels(report, models)
    this.#init.onReport(report)
    this.#lookIn(this.#untold === 1 ? SECOND_ASKING_MS : this.#pauseMs())
  }

  #pauseMs(): number {
    const { nextMs, idle, idleMs = IDLE_LOOK_MS } = this.#init
    return idle?.() === true ? Math.max(nextMs(), idleMs) : nextMs()
  }

  #lookIn(ms: number): void {
    this.#cancelTimer()
    this.#dueAt = this.#clock.monotonic() + ms
    this.#cancelTimer = this.#clock.after(ms, () => {
      void this.look()
    })
  }

  /**
   * After an engine was away, or did not tell, its models are asked for at the next look: it may have come back with
   * others.
   */
  #planModels({ outcome, models }: EngineReport, asked: boolean): void {
    const now = this.#clock.monotonic()
    if (models !== undefined) this.#modelsDueAt = now + (this.#init.modelsEveryMs ?? DEFAULT_MODELS_EVERY_MS)
    else if (asked || outcome !== 'answered') this.#modelsDueAt = Number.NEGATIVE_INFINITY
    this.#untold = asked && models === undefined && outcome === 'answered' ? this.#untold + 1 : 0
  }
}
