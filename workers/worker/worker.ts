/**
 * One engine endpoint as the node uses it: its models, its slots, its health, and the owner's word over all of them.
 */

import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import type { Model } from '../../core/model/model.ts'
import type { Priority } from '../../core/query/query.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { ASKERS, type Asker, type Scope, scopeReaches } from '../../core/scope.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { vouchedModels } from '../owner/model-rules.ts'
import { type OwnerSituation, ownerRefusal, type Refusal } from '../owner/owner-policy.ts'
import type { WorkerSettings } from '../owner/worker-settings.ts'
import { type Availability, pauseRefusal, readiness } from './availability.ts'
import type { EngineReport } from './engine-check.ts'
import { EngineWatch } from './engine-watch.ts'
import { ModelTable } from './model-table.ts'
import { failureKind } from './probe-outcome.ts'
import { SlotCount } from './slot-count.ts'
import { type WorkerHold, WorkerRuns } from './worker-runs.ts'
import { DEFAULT_PROBE_INTERVAL_MS, WorkerVitals } from './worker-vitals.ts'

export interface WorkerComponents {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Logger
  /** What the owner's policy is decided from, now. */
  readonly situation: () => OwnerSituation
  /** Models, slots, health or the owner's word changed. */
  readonly onChange: () => void
  /** A slot may have become free. */
  readonly onSlotFree: () => void
}

export interface WorkerInit {
  /** Milliseconds between probes of a healthy engine. @default 1200, and 60000 for cloud engines */
  readonly probeIntervalMs?: number | undefined
}

/** RENT-A-HAL's interval: a cloud is paid, far away, and does not vanish. */
const CLOUD_PROBE_INTERVAL_MS = 60_000
/** A host of another federation is asked what it serves this often: its state is one small answer. */
const HOST_LOOK_MS = 15_000
/** How long an engine that refused for load is left alone when it does not say. */
const BUSY_MS = 500

export class Worker {
  readonly models: ModelTable
  readonly vitals: WorkerVitals
  readonly slots: SlotCount
  /** Counts the choices of the pool; the strategies that take turns read it. */
  lastChosen = 0
  readonly #components: WorkerComponents
  readonly #watch: EngineWatch
  readonly #runs: WorkerRuns
  readonly #idleWaiters = new Set<() => void>()
  #settings: WorkerSettings
  #busyUntil = 0
  /** Cancel the timers that end a pause. */
  readonly #wakes = { busy: (): void => {}, breaker: (): void => {} }
  #draining = false
  #silence: string | undefined
  #seen = ''
  #toldUp: boolean | undefined // by the log; the first look is told whatever it shows

  constructor(components: WorkerComponents, settings: WorkerSettings, init: WorkerInit = {}) {
    const { engine, clock } = components
    this.#components = components
    this.#settings = settings
    this.models = new ModelTable(settings)
    this.slots = new SlotCount({ configured: settings.slots, fallback: engine.defaultSlots })
    const cloud = engine.cloud === true
    const rareMs = settings.host === undefined ? CLOUD_PROBE_INTERVAL_MS : HOST_LOOK_MS
    this.vitals = new WorkerVitals(
      { clock },
      {
        rules: () => (this.#drawsOnly ? 'imagine' : 'general'),
        probeIntervalMs: init.probeIntervalMs ?? (cloud ? rareMs : DEFAULT_PROBE_INTERVAL_MS),
      },
    )
    this.#runs = new WorkerRuns({ engine, clock, models: this.models, onFailed: (error) => this.#onFailed(error) })
    this.#watch = new EngineWatch(components, {
      ...(cloud && { modelsEveryMs: settings.host === undefined ? rareMs * 10 : rareMs, timeoutMs: 10_000 }),
      nextMs: () => this.vitals.nextProbeMs,
      named: () => vouchedModels(this.#settings.models),
      idle: () => this.slots.own === 0 && this.vitals.steady,
      ...defined({ idleMs: init.probeIntervalMs ?? engine.idleLookMs }),
      beforeLoad: () => this.slots.expectReport(),
      onReport: (report) => this.#onReport(report),
    })
  }

  get name(): string {
    return this.#settings.name
  }

  get engine(): Pick<Engine, 'kind' | 'url'> {
    return this.#components.engine
  }

  get settings(): WorkerSettings {
    return this.#settings
  }

  /** Whether it computes at this node and is more than a built-in that answers where nothing else does. */
  get real(): boolean {
    return this.#settings.host === undefined && !this.engine.kind.startsWith('builtin/')
  }

  /** The widest circle that it serves. */
  get scope(): Scope {
    if (this.engine.kind === 'builtin/guide') return 'local'
    return this.#settings.scope ?? (this.real && this.#components.engine.cloud !== true ? 'public' : 'local')
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Whether a query of `asker` can be sent now; one of a batch only while nobody else's runs here. */
  availability(asker: Asker, priority: Priority = 'live'): Availability {
    return this.refusal(asker, priority) ?? readiness(this, this.#pausedMs, priority)
  }

  /** Whether the worker exists for `asker` at all: whether its scope reaches that asker. */
  serves(asker: Asker): boolean {
    return scopeReaches(this.scope, asker)
  }

  /**
   * Why `asker` is not served, however many slots are free; undefined when it is. For batches, own ones
   * too, the owner's rules for others hold.
   */
  refusal(asker: Asker, priority: Priority = 'live'): Refusal | undefined {
    if (!this.serves(asker)) return { reason: `serves scope ${this.scope} only` }
    if (this.#draining) return { reason: 'draining' }
    const { trouble } = this.vitals
    if (trouble !== undefined) return trouble
    const pause = pauseRefusal(this.#pausedMs)
    if (pause !== undefined || (asker === 'own' && priority === 'live')) return pause
    return ownerRefusal(this.#settings, this.#components.situation())
  }

  /** Why its models are not known, when it did not tell them at the last look. */
  get silence(): string | undefined {
    return this.#silence
  }

  /** Begins to look after the engine; resolves after the first look. */
  async start(): Promise<void> {
    await this.#watch.start()
  }

  /** Looks at the engine now. */
  async check(): Promise<void> {
    await this.#watch.look({ models: true })
  }

  /** Ends the newest query of a batch where a slot is missing for another. Returns whether there was one. */
  makeRoom(): boolean {
    return this.slots.free === 0 && this.#runs.endNewestBatch()
  }

  /** Takes a slot for one query of `model`. `node` and `turn` go into the start event and `lastChosen`. */
  take(model: Model, node: string, turn: number, priority?: Priority): WorkerHold {
    this.lastChosen = turn
    const giveBack = this.slots.take(priority)
    this.#watch.lookWithin(this.vitals.nextProbeMs)
    const settle = this.vitals.begin()
    const start = { kind: 'start', node, worker: this.name, engine: this.engine.kind, model: model.name } as const
    let held = true
    return {
      run: (query, options) => this.#runs.run({ ...query, model: model.name }, options, { model, start, settle }),
      release: () => {
        if (!held) return
        held = false
        giveBack()
        settle({ kind: 'neutral' })
        if (this.slots.own === 0) for (const wake of this.#idleWaiters) wake()
        this.#components.onSlotFree()
      },
    }
  }

  configure(settings: WorkerSettings): void {
    this.#settings = settings
    this.models.configure(settings)
    this.slots.configure(settings.slots)
    this.#seen = '' // what the realms read off the settings is not among what is compared
    this.announce()
  }

  /** Takes no more queries; resolves when the last has ended. */
  async drain(): Promise<void> {
    this.#draining = true
    this.announce()
    if (this.slots.own === 0) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#idleWaiters.delete(wake)
        resolve()
      }
      this.#idleWaiters.add(wake)
    })
  }

  /** Takes queries again after `drain`. */
  undrain(): void {
    this.#draining = false
    this.announce()
  }

  /** Ends what still runs and releases the engine. */
  async close(): Promise<void> {
    this.#draining = true
    this.#watch.stop()
    this.#wakes.busy()
    this.#wakes.breaker()
    this.#runs.abortAll(new RealmeshError('DRAINING', `worker ${this.name} was stopped`))
    for (const wake of this.#idleWaiters) wake()
    await this.#components.engine.close()
  }

  get #pausedMs(): number {
    return Math.max(0, this.#busyUntil - this.#components.clock.monotonic())
  }

  get #drawsOnly(): boolean {
    const { types } = this.#settings
    return types === undefined ? this.models.drawsOnly : types.length > 0 && types.every((type) => type === 'imagine')
  }

  /** What a failed query means for the next one; its part in the score is settled already. */
  #onFailed(error: unknown): void {
    const kind = failureKind(error)
    if (kind === 'busy') this.#leaveAlone(toRealmeshError(error).retryAfterMs ?? BUSY_MS)
    if (kind === 'failed') {
      const { code } = toRealmeshError(error, 'ENGINE_FAILED')
      this.#components.log.warn({ worker: this.name, code }, 'a query failed at the engine')
      this.#wakes.breaker()
      this.#wakes.breaker = this.#wakeIn(this.vitals.breaker.waitMs)
      this.announce()
    }
    if (kind !== 'asker' && kind !== 'busy') void this.#watch.look({ models: kind === 'gone' })
  }

  /** Leaves the engine alone for as long as it asked, then lets those who wait know. */
  #leaveAlone(ms: number): void {
    const now = this.#components.clock.monotonic()
    this.#busyUntil = Math.max(this.#busyUntil, now + ms)
    this.#wakes.busy()
    this.#wakes.busy = this.#wakeIn(this.#busyUntil - now)
    this.announce()
  }

  #wakeIn(ms: number): () => void {
    return this.#components.clock.after(ms, () => {
      this.announce()
      this.#components.onSlotFree()
    })
  }

  #onReport({ outcome, message, models, modelsMessage, load }: EngineReport): void {
    const running = this.slots.running
    this.vitals.probed(outcome, message)
    if (models !== undefined) this.models.offer(models)
    if (load !== undefined) this.models.report(load)
    if (load !== undefined) this.slots.report(load)
    if (models !== undefined) this.#silence = models.length === 0 ? 'the engine lists no models' : undefined
    if (modelsMessage !== undefined) this.#silence = modelsMessage
    if (this.#toldUp !== this.vitals.up) this.#logTurn()
    this.announce()
    if (this.slots.running < running) this.#components.onSlotFree()
  }

  #logTurn(): void {
    const { log } = this.#components
    this.#toldUp = this.vitals.up
    const fields = { worker: this.name, engine: this.engine.kind, url: this.engine.url }
    const level = this.real || this.#settings.host !== undefined ? 'info' : 'debug' // what is built in always answers
    if (this.vitals.up) log[level]({ ...fields, models: this.models.all.length }, 'the engine answers')
    else log.warn({ ...fields, reason: this.vitals.trouble?.reason }, 'the engine does not answer')
  }

  /** Tells of a change if what others can see is not what it was. */
  announce(): void {
    const { slots, vitals, models } = this
    const refusals = ASKERS.map((asker) => this.refusal(asker)?.reason ?? '')
    const seen = [slots.slots, vitals.up, vitals.loading, models.revision, ...refusals].join('|')
    if (seen === this.#seen) return
    this.#seen = seen
    this.#components.onChange()
    this.#components.onSlotFree()
  }
}
