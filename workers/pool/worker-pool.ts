/** All workers of the node, shared by its realms; and the owner's switch over them: pause and resume. */

import { type Logger, silentLogger } from '../../core/logger.ts'
import { localTime } from '../../core/model/schedule.ts'
import type { WorkerStatus } from '../../core/model/worker.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { isThisMachine } from '../../engines/engine-identity.ts'
import type { GpuReader } from '../owner/gpu/gpu-reading.ts'
import { GpuWatch } from '../owner/gpu/gpu-watch.ts'
import { type OwnerSituation, watchesGpu } from '../owner/owner-policy.ts'
import type { WorkerSettings } from '../owner/worker-settings.ts'
import { Worker } from '../worker/worker.ts'
import { workerStatus } from '../worker/worker-status.ts'

export interface WorkerPoolComponents {
  readonly clock: Clock
  readonly log?: Logger
  /** Absent: the owner's rules about GPUs forbid nothing. */
  readonly gpu?: GpuReader
}

export interface WorkerPoolInit {
  /** Milliseconds between probes of a healthy engine. @default 1200, and 60000 for cloud engines */
  readonly probeIntervalMs?: number
}

export interface RemoveOptions {
  /** Milliseconds that running queries may still take before they are ended. @default 30000 */
  readonly timeoutMs?: number
}

/** A rig has a handful; the bound keeps a runaway script of the owner from costing time on every query. */
export const MAX_WORKERS = 256
const REMOVE_TIMEOUT_MS = 30_000
/** Longest pause with an end, 24 days: timers count no further than 24.8. */
const MAX_PAUSE_MS = 24 * 24 * 60 * 60_000

export class WorkerPool implements Startable {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #gpu: GpuWatch | undefined
  readonly #init: WorkerPoolInit
  readonly #workers = new Map<string, Worker>()
  readonly #changeListeners = new Set<() => void>()
  readonly #slotListeners = new Set<() => void>()
  #state: 'new' | 'started' | 'stopped' = 'new'
  #turn = 0
  #version = 0
  /** Monotonic; undefined when not paused. */
  #pausedUntil: number | undefined
  #cancelResume = (): void => {}

  constructor({ clock, log = silentLogger, gpu }: WorkerPoolComponents, init: WorkerPoolInit = {}) {
    this.#clock = clock
    this.#log = log
    this.#init = init
    this.#gpu =
      gpu &&
      new GpuWatch({
        clock,
        reader: gpu,
        ownWork: () => this.list().some(({ slots }) => slots.own > 0),
        onChange: () => this.#announceAll(),
      })
  }

  /** Begins to look after the engines; resolves after the first look at each. */
  async start(): Promise<void> {
    if (this.#state === 'started') return
    this.#state = 'started'
    await Promise.all([this.#tendGpu(), ...this.list().map((worker) => worker.start())])
  }

  /** Ends what runs, releases every engine and forgets the workers. From now on none is added. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#cancelResume()
    this.#gpu?.stop()
    const workers = this.list()
    this.#workers.clear()
    this.#version += 1
    const results = await Promise.allSettled(workers.map((worker) => worker.close()))
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    if (errors.length > 0) throw new AggregateError(errors, 'some engines were not released cleanly')
  }

  /**
   * Adds a worker. Resolves after the first look at its engine, whatever it showed; before `start` at once. Throws
   * `CONFIG_INVALID` for a name that is taken or one worker too many, `DRAINING` once the pool is stopped; then the
   * engine stays the caller's.
   */
  async add(engine: Engine, settings: WorkerSettings): Promise<Worker> {
    const { name } = settings
    if (this.#state === 'stopped') throw new RealmeshError('DRAINING', 'the workers of this node are stopped')
    this.#assertFree(name)
    if (this.#workers.size >= MAX_WORKERS) {
      throw new RealmeshError('CONFIG_INVALID', `a node has at most ${MAX_WORKERS} workers`)
    }
    const here = runsHere(engine.url)
    const worker = new Worker(
      {
        engine,
        clock: this.#clock,
        log: this.#log,
        situation: () => this.#situation(here),
        onChange: () => this.#changed(),
        onSlotFree: () => this.#tell(this.#slotListeners),
      },
      settings,
      this.#init,
    )
    this.#workers.set(name, worker)
    this.#version += 1
    if (this.#state === 'started') await Promise.all([this.#tendGpu(), worker.start()])
    return worker
  }

  /**
   * Changes what the owner says of the worker that is named `name` now; queries that run are not touched. The engine
   * stays: to change it, remove and add. Throws `BAD_REQUEST` for a name that is unknown, `CONFIG_INVALID` for a new
   * one that is taken.
   */
  configure(name: string, settings: WorkerSettings): void {
    const worker = this.#known(name)
    if (settings.name !== name) this.#rename(name, settings.name)
    worker.configure(settings)
    void this.#tendGpu()
  }

  /** Lets running queries end, ends those that take too long, then releases the engine. */
  async remove(name: string, { timeoutMs = REMOVE_TIMEOUT_MS }: RemoveOptions = {}): Promise<void> {
    const worker = this.#known(name)
    let cancel = (): void => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.after(timeoutMs, resolve)
    })
    await Promise.race([worker.drain(), late])
    cancel()
    if (this.#workers.get(name) !== worker) return
    this.#workers.delete(name)
    await worker.close()
    void this.#tendGpu()
    this.#changed()
    this.#tell(this.#slotListeners)
  }

  /**
   * A worker takes no more queries, also not the owner's; resolves when its last has ended. `undrain` takes that back.
   */
  async drain(name: string): Promise<void> {
    await this.#known(name).drain()
  }

  undrain(name: string): void {
    this.#known(name).undrain()
  }

  get(name: string): Worker | undefined {
    return this.#workers.get(name)
  }

  /** In the order in which they were added. */
  list(): readonly Worker[] {
    return [...this.#workers.values()]
  }

  /** Looks at every engine now; for `reload` and for tests. */
  async check(): Promise<void> {
    await Promise.all(this.list().map((worker) => worker.check()))
  }

  /**
   * Stops serving other nodes: for `ms`, or until `resume`; 0 is no pause. Queries that run go on; the owner's own are
   * served.
   */
  pause(ms = Number.POSITIVE_INFINITY): void {
    this.#cancelResume()
    this.#pausedUntil = Number.isFinite(ms)
      ? this.#clock.monotonic() + Math.min(ms, MAX_PAUSE_MS)
      : Number.POSITIVE_INFINITY
    if (Number.isFinite(ms)) this.#cancelResume = this.#clock.after(Math.min(ms, MAX_PAUSE_MS), () => this.resume())
    this.#announceAll()
  }

  resume(): void {
    this.#cancelResume()
    this.#pausedUntil = undefined
    this.#announceAll()
  }

  /** Milliseconds left of the pause: 0 when not paused, infinite when it has no end. */
  get pausedMs(): number {
    return Math.max(0, (this.#pausedUntil ?? 0) - this.#clock.monotonic())
  }

  /** Calls back when models, slots, health or the owner's word changed. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    return listen(this.#changeListeners, listener)
  }

  /** Calls back whenever a slot may have become free, or waiting may have become useless. Returns how to stop that. */
  onSlotFree(listener: () => void): () => void {
    return listen(this.#slotListeners, listener)
  }

  /** Numbers the choices, for the strategies that take turns. */
  nextTurn(): number {
    this.#turn += 1
    return this.#turn
  }

  /** Grows with every change that `onChange` tells of, for what is kept until the next one. */
  get version(): number {
    return this.#version
  }

  status(): readonly WorkerStatus[] {
    return this.list().map(workerStatus)
  }

  /** Has the GPUs looked at while some worker's rules ask for it. Resolves after the first reading. */
  async #tendGpu(): Promise<void> {
    const wanted = this.#state === 'started' && this.list().some(({ settings }) => watchesGpu(settings))
    if (wanted) await this.#gpu?.start()
    else this.#gpu?.stop()
  }

  #situation(here: boolean): OwnerSituation {
    const gpu = here ? this.#gpu?.situation : undefined
    return { time: localTime(this.#clock.wall()), pausedMs: this.pausedMs, gpu }
  }

  #assertFree(name: string): void {
    if (this.#workers.has(name)) throw new RealmeshError('CONFIG_INVALID', `there is a worker named ${name} already`)
  }

  /** The order stays: it breaks ties. */
  #rename(from: string, to: string): void {
    this.#assertFree(to)
    const workers = [...this.#workers]
    this.#workers.clear()
    for (const [name, worker] of workers) this.#workers.set(name === from ? to : name, worker)
  }

  #known(name: string): Worker {
    const worker = this.#workers.get(name)
    if (worker !== undefined) return worker
    const names = [...this.#workers.keys()].join(', ')
    throw new RealmeshError('BAD_REQUEST', `there is no worker named ${name}`, {
      fix: names === '' ? 'this node has no workers' : `the workers are ${names}`,
    })
  }

  #announceAll(): void {
    for (const worker of this.list()) worker.announce()
  }

  #changed(): void {
    this.#version += 1
    this.#tell(this.#changeListeners)
  }

  #tell(listeners: ReadonlySet<() => void>): void {
    for (const listener of [...listeners]) listener()
  }
}

function listen(listeners: Set<() => void>, listener: () => void): () => void {
  // Wrapped, so that the same function given twice is called twice and stopped one by one.
  const own = (): void => listener()
  listeners.add(own)
  return () => {
    listeners.delete(own)
  }
}

/** Whether the engine runs on this machine, so that its GPUs are ours: a server here, or what has no server at all. */
function runsHere(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { hostname, protocol } = new URL(url)
  return !protocol.startsWith('http') || isThisMachine(hostname)
}
