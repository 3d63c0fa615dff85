/** A worker of the simulation: slots, speed, a queue, and the daemon's own admission in front of it. */
import { ewma } from '../../core/ewma.ts'
import type { ModelLoad, NodeLoad } from '../../core/model/load.ts'
import { isStep, MIN_GAP_MS } from '../../discovery/load/load-cadence.ts'
import { type Admission, admit, estimateWaitMs, type RealmLoad } from '../../node/realm/queue/admission.ts'
import type { EventQueue } from './event-queue.ts'
import { MAX_QUEUED, SPEED_1_RATE } from './scenario.ts'

/** Weight of one job in the mean that admission uses. */
const JOB_WEIGHT = 0.1

/** A query as the worker sees it. */
export interface Job {
  /** Milliseconds on a slot of speed 1. */
  readonly sizeMs: number
  onStart(): void
  onEnd(): void
}

export interface SimulatedWorkerInit {
  readonly id: string
  readonly slots: number
  /** 1 serves the mean answer in the mean time. */
  readonly speed: number
  /** Absent for honest workers. */
  readonly lies?: boolean
  /** Whether it refuses at the door; the baselines do not know that. */
  readonly refuses: boolean
}

export class SimulatedWorker {
  readonly id: string
  readonly slots: number
  readonly speed: number
  readonly lies: boolean
  maxQueued = 0
  up = true
  /** Called when its load jumps, so that the news can go out at once. */
  onStep: () => void = () => {}
  readonly #time: EventQueue
  readonly #refuses: boolean
  #running = new Set<Job>()
  #queue: Job[] = []
  #meanJobMs = 0
  #seq = 0
  #said: NodeLoad | undefined
  #saidAt = 0

  constructor(time: EventQueue, init: SimulatedWorkerInit) {
    this.#time = time
    this.id = init.id
    this.slots = init.slots
    this.speed = init.speed
    this.lies = init.lies ?? false
    this.#refuses = init.refuses
  }

  get realmLoad(): RealmLoad {
    const busy = this.lies ? { running: 0, queued: 0 } : { running: this.#running.size, queued: this.#queue.length }
    return { slots: this.slots, ...busy, meanJobMs: this.#meanJobMs }
  }

  /** The next load record. */
  statement(): NodeLoad {
    this.#seq += 1
    return this.#load()
  }

  /** The next load record for everybody. */
  gossip(): NodeLoad {
    this.#said = this.statement()
    this.#saidAt = this.#time.now
    return this.#said
  }

  offer(job: Job): Admission {
    const load = this.realmLoad
    const admission: Admission = this.#refuses
      ? admit('home', load, MAX_QUEUED)
      : { admitted: true, estimatedWaitMs: estimateWaitMs(load) }
    if (!admission.admitted) return admission
    this.#queue.push(job)
    this.#next()
    this.maxQueued = Math.max(this.maxQueued, this.#queue.length)
    this.#step()
    return admission
  }

  /** Stops a job wherever it stands. */
  cancel(job: Job): void {
    this.#queue = this.#queue.filter((other) => other !== job)
    if (this.#running.delete(job)) this.#next()
  }

  /** Loses everything at once. */
  crash(): void {
    this.up = false
    this.#queue = []
    this.#running = new Set()
  }

  #next(): void {
    while (this.#running.size < this.slots) {
      const job = this.#queue.shift()
      if (job === undefined) return
      this.#running.add(job)
      const tookMs = job.sizeMs / this.speed
      job.onStart()
      this.#time.after(tookMs, () => {
        if (!this.#running.delete(job)) return
        this.#meanJobMs = ewma(this.#meanJobMs === 0 ? undefined : this.#meanJobMs, tookMs, JOB_WEIGHT)
        this.#next()
        this.#step()
        job.onEnd()
      })
    }
  }

  #step(): void {
    if (this.#time.now - this.#saidAt >= MIN_GAP_MS && isStep(this.#said, this.#load())) this.onStep()
  }

  #load(): NodeLoad {
    return { seq: this.#seq, at: this.#time.now, draining: false, models: [this.#modelLoad()] }
  }

  #modelLoad(): ModelLoad {
    const load = this.realmLoad
    return {
      model: 'tiny',
      slots: load.slots,
      running: load.running,
      queued: load.queued,
      estimatedWaitMs: estimateWaitMs(load),
      decodeRate: this.speed * SPEED_1_RATE,
      prefillRate: 10_000,
      warm: true,
    }
  }
}
