/**
 * Owns the node's workers: those that the configuration names, those that were found on this machine, and the
 * built-ins. No other part adds, changes or removes one. Each change brings the pool from what runs to what is wanted,
 * while queries run: a worker that did not change is not touched, one that goes finishes what it runs. A worker that
 * cannot be used keeps no other from being used.
 */
import type { RealmeshConfig } from '../../config/config.ts'
import type { WorkerConfig } from '../../config/schema/worker-schema.ts'
import type { Logger } from '../../core/logger.ts'
import type { WorkerStatus } from '../../core/model/worker.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { Turns } from '../../core/run/turns.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import type { FoundEngine } from '../../engines/detect-engines.ts'
import { engineAddress } from '../../engines/engine-identity.ts'
import { createEngine, type EngineSpec } from '../../engines/engine-kinds.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import type { EnginesSeen, EngineTest } from '../api/config-control.ts'
import { type AbsentWorker, absentStatus, unusableWorker } from './absent-worker.ts'
import { type DetectEngines, EngineFinder } from './engine-finder.ts'
import { KeptOut } from './kept-out.ts'
import type { PlannedWorker } from './planned-worker.ts'
import { type RosterChange, rosterChanges, wantedWorkers } from './roster-changes.ts'
import { testEngine } from './test-engine.ts'
import { type ConfiguredWorkers, planConfigured, planEngine, planWorker } from './worker-plan.ts'

export interface WorkerRosterComponents {
  readonly pool: WorkerPool
  readonly clock: Clock
  readonly log: Logger
  /** @default the real detection */
  readonly detect?: DetectEngines | undefined
  /** @default the real adapters */
  readonly create?: ((spec: EngineSpec) => Engine) | undefined
}

/** What became of a configuration, beyond what its text says. */
export interface RosterReport {
  /** Workers whose engine was exchanged: its kind, address, key or model file is another. */
  readonly exchanged: readonly string[]
  /** Workers that cannot be used. */
  readonly problems: readonly Pick<AbsentWorker, 'name' | 'reason'>[]
}

const NOTHING_SEEN: EnginesSeen = { found: [], refused: [] }

export class WorkerRoster implements Startable {
  readonly #components: WorkerRosterComponents
  readonly #finder: EngineFinder
  readonly #turns = new Turns()
  #config: RealmeshConfig
  /** As planned when `#config` was put into force: keys and model files are not looked at in between. */
  #configured: ConfiguredWorkers = { named: [], addressed: [], builtin: [], unusable: [] }
  /** By address. An engine that is away for a while keeps its worker, which notices when it is back. */
  readonly #found = new Map<string, FoundEngine>()
  readonly #keptOut = new KeptOut()
  /** What runs, by name. */
  readonly #plans = new Map<string, PlannedWorker>()
  /** Those that were planned and could not be made, by name. */
  readonly #failed = new Map<string, AbsentWorker>()
  #running = false

  constructor(components: WorkerRosterComponents, config: RealmeshConfig) {
    this.#components = components
    this.#config = config
    const { clock, log, detect } = components
    this.#finder = new EngineFinder({ clock, log, detect, onFound: (engines) => this.#saw(engines) })
  }

  /** Resolves after the first look at every engine and the first search for others. */
  async start(): Promise<void> {
    this.#running = true
    await this.#turns.take(async () => {
      await this.#plan()
      await this.#reconcile()
      if (this.#running) await this.#components.pool.start()
    })
    if (this.#running && this.#config.node.detect) await this.#finder.start()
  }

  /** Ends what runs and releases every engine, also while it starts; a change that is under way is cut short. */
  async stop(): Promise<void> {
    this.#running = false
    const looked = this.#finder.stop()
    try {
      await this.#components.pool.stop()
    } finally {
      await looked // after the pool: what was found may wait for a worker that drains
      await this.#turns.settled()
      for (const kept of [this.#plans, this.#found, this.#failed, this.#keptOut]) kept.clear()
    }
  }

  /**
   * Makes the workers what `config` says. What cannot be used is told here and in the status, and tried again at the
   * next call.
   */
  apply(config: RealmeshConfig): Promise<RosterReport> {
    return this.#turns.take(async () => {
      this.#keptOut.follow(this.#config, config)
      this.#config = config
      this.#followDetect()
      await this.#plan()
      return { exchanged: await this.#reconcile(), problems: this.#absent() }
    })
  }

  /**
   * Throws what keeps one of these workers from being used: `CONFIG_INVALID`, `KEY_FILE_LAX` or `KEY_FILE_BAD`. Changes
   * nothing.
   */
  async check(workers: readonly WorkerConfig[]): Promise<void> {
    for (const worker of workers) await this.#create((await planWorker(worker)).spec).close()
  }

  /** Every worker, and those that the node should have and does not, each with its reason. */
  status(): readonly WorkerStatus[] {
    const keptOut = this.#keptOut.list().filter(({ address }) => this.#found.has(address))
    return [...this.#components.pool.status(), ...[...this.#absent(), ...keptOut].map(absentStatus)]
  }

  /** Whether the owner took out the worker of this name, whose engine is kept out since. */
  isKeptOut(name: string): boolean {
    return this.#keptOut.list().some((worker) => worker.name === name)
  }

  /** What the last look at this machine saw. */
  get seen(): EnginesSeen {
    return this.#finder.seen ?? NOTHING_SEEN
  }

  /** Looks at this machine now; resolves when the workers have followed, where the node looks for engines at all. */
  async look(): Promise<EnginesSeen> {
    return await this.#finder.lookNow()
  }

  /** Asks the engine of a worker that runs, by its name, or of one that could be added. Throws `BAD_REQUEST` only. */
  async test(worker: string | WorkerConfig): Promise<EngineTest> {
    const named = typeof worker === 'string' ? this.#known(worker) : worker
    return await testEngine(async () => this.#create('spec' in named ? named.spec : (await planWorker(named)).spec))
  }

  /** Throws `BAD_REQUEST` when no worker of this name runs. */
  assertKnown(name: string): void {
    this.#known(name)
  }

  /**
   * A worker takes nothing new, not the owner's queries either; returns at once, while what runs goes on. Throws
   * `BAD_REQUEST`.
   */
  drain(name: string): void {
    const { pool, log } = this.#components
    this.assertKnown(name)
    pool.drain(name).catch((thrown: unknown) => {
      log.warn({ worker: name, code: toRealmeshError(thrown).code }, 'a worker did not drain')
    })
  }

  /** Takes `drain` back. Throws `BAD_REQUEST`. */
  undrain(name: string): void {
    this.assertKnown(name)
    this.#components.pool.undrain(name)
  }

  /** Takes out a worker that the configuration does not name, and keeps its engine out. Throws `BAD_REQUEST`. */
  async remove(name: string): Promise<void> {
    this.keepOut(name)
    await this.#turns.take(() => this.#reconcile())
  }

  /**
   * Keeps the worker's engine out once the configuration names it no more. Returns how to take that back. Throws
   * `BAD_REQUEST`.
   */
  keepOut(name: string): () => void {
    const absent = this.#absent().find((worker) => worker.name === name)
    if (absent !== undefined) return this.#keptOut.add(name, { kind: absent.engine, url: absent.url })
    return this.#keptOut.add(name, this.#known(name).spec)
  }

  /** What the finder saw. What took the place of an engine that is gone takes over its worker's place too. */
  async #saw(engines: readonly FoundEngine[]): Promise<void> {
    await this.#turns.take(async () => {
      if (!this.#running || !this.#config.node.detect) return
      for (const engine of engines) {
        const address = engineAddress(engine.kind, engine.url)
        if (!this.#found.has(address) || this.#isGone(address)) this.#found.set(address, engine)
      }
      await this.#reconcile()
    })
  }

  #isGone(address: string): boolean {
    const plan = [...this.#plans.values()].find(({ identity }) => identity.address === address)
    return plan !== undefined && this.#components.pool.get(plan.settings.name)?.vitals.up === false
  }

  #followDetect(): void {
    if (!this.#running) return
    // Neither is waited for: what the finder does may wait for the turn in which this is called.
    if (this.#config.node.detect) void this.#finder.start()
    else {
      void this.#finder.stop()
      this.#found.clear()
    }
  }

  async #plan(): Promise<void> {
    this.#configured = await planConfigured(this.#config)
    this.#failed.clear()
    for (const worker of this.#configured.unusable) this.#tell(worker)
  }

  /** From what runs to what is wanted. Gives the names of the workers whose engine was exchanged. */
  async #reconcile(): Promise<readonly string[]> {
    const found = await Promise.all([...this.#found.values()].map(planEngine))
    const barred = [...this.#keptOut.list(), ...this.#configured.unusable].map(({ address }) => address)
    const wanted = wantedWorkers({ ...this.#configured, found, barred: new Set(barred) })
    const changes = rosterChanges([...this.#plans.values()], wanted)
    for (const change of changes) if (change.kind === 'configure') this.#configure(change.name, change.plan)
    await Promise.all(changes.map((change) => this.#exchange(change)))
    return changes.flatMap((change) => (change.kind === 'replace' ? change.plan.settings.name : []))
  }

  #configure(name: string, plan: PlannedWorker): void {
    this.#components.pool.configure(name, plan.settings)
    this.#plans.delete(name)
    this.#plans.set(plan.settings.name, plan)
  }

  async #exchange(change: RosterChange): Promise<void> {
    if (change.kind === 'configure') return
    if (change.kind !== 'add') await this.#remove(change.name)
    if (change.kind !== 'remove') await this.#add(change.plan)
  }

  async #add(plan: PlannedWorker): Promise<void> {
    if (!this.#running) return
    const { settings, spec } = plan
    let engine: Engine | undefined
    this.#plans.set(settings.name, plan)
    try {
      engine = this.#create(spec)
      await this.#components.pool.add(engine, settings)
      this.#failed.delete(settings.name)
    } catch (thrown) {
      this.#plans.delete(settings.name)
      await engine?.close()
      if (this.#running) this.#fail(unusableWorker(settings.name, spec, thrown)) // else the pool is stopped
    }
  }

  async #remove(name: string): Promise<void> {
    const { pool, log } = this.#components
    this.#plans.delete(name)
    try {
      await pool.remove(name)
    } catch (thrown) {
      if (!this.#running) return // the pool let go of all of them
      log.warn({ worker: name, code: toRealmeshError(thrown).code }, 'a worker that was taken out did not end cleanly')
    }
  }

  /** It is tried again with each change; the log is told once. */
  #fail(worker: AbsentWorker): void {
    if (this.#failed.get(worker.name)?.reason !== worker.reason) this.#tell(worker)
    this.#failed.set(worker.name, worker)
  }

  #create(spec: EngineSpec): Engine {
    return (this.#components.create ?? createEngine)(spec)
  }

  #absent(): readonly AbsentWorker[] {
    return [...this.#configured.unusable, ...this.#failed.values()]
  }

  #tell({ name, reason }: AbsentWorker): void {
    this.#components.log.warn({ worker: name }, `a worker cannot be used: ${reason}`)
  }

  #known(name: string): PlannedWorker {
    const plan = this.#plans.get(name)
    if (plan !== undefined) return plan
    const names = [...this.#plans.keys()].join(', ')
    throw new RealmeshError('BAD_REQUEST', `there is no worker named ${name}`, {
      fix: names === '' ? 'this node has no workers' : `the workers are ${names}`,
    })
  }
}
