/**
 * The serial queue of a stub that draws: jobs one after the other, step by step, with the knobs' pauses and failures.
 */
import { setTimeout as pause, setImmediate as tick } from 'node:timers/promises'
import { stubPng } from './stub-image.ts'
import type { StubServer } from './stub-server.ts'

export interface StubJobInit {
  readonly id: string
  readonly path: string
  readonly body: unknown
  readonly model: string
  readonly prompt: string
  readonly seed: number
  readonly count: number
}

export type StubJobState = 'queued' | 'generating' | 'completed' | 'failed' | 'cancelled'

export interface StubJob extends StubJobInit {
  readonly number: number
  readonly fails: boolean
  readonly done: Promise<StubJobState>
  readonly images: readonly Buffer[]
  state: StubJobState
  step: number
  steps: number
}

/** Told about a job's beginning, steps and end. */
export type StubJobListener = (job: StubJob, what: 'begin' | 'step' | 'end') => void

export class StubImageJobs {
  readonly jobs: StubJob[] = []
  readonly listeners = new Set<StubJobListener>()
  readonly #stub: StubServer
  readonly #stops = new Map<StubJob, PromiseWithResolvers<void>>()
  readonly #ends = new Map<StubJob, (state: StubJobState) => void>()
  #draining = false

  constructor(stub: StubServer) {
    this.#stub = stub
  }

  get running(): StubJob | undefined {
    return this.jobs.find((job) => job.state === 'generating')
  }

  get queued(): readonly StubJob[] {
    return this.jobs.filter((job) => job.state === 'queued')
  }

  find(id: string): StubJob | undefined {
    return this.jobs.find((job) => job.id === id)
  }

  add(init: StubJobInit): StubJob {
    const { number, fails } = this.#stub.nextQuery()
    const { promise, resolve } = Promise.withResolvers<StubJobState>()
    const images = Array.from({ length: init.count }, (_, i) => stubPng(init.prompt, init.seed + i))
    const job: StubJob = {
      ...init,
      number,
      fails,
      done: promise,
      images,
      state: 'queued',
      step: 0,
      steps: this.#stub.knobs.tokens,
    }
    this.jobs.push(job)
    this.#ends.set(job, resolve)
    this.#stops.set(job, Promise.withResolvers<void>())
    this.#stub.journal.write({ event: 'start', query: number, path: init.path, model: init.model, body: init.body })
    void this.#drain()
    return job
  }

  /** Takes a queued job out; false when it is not queued. */
  cancel(id: string): boolean {
    const job = this.find(id)
    if (job?.state !== 'queued') return false
    this.#stub.journal.write({ event: 'cancel', query: job.number })
    this.#finish(job, 'cancelled')
    return true
  }

  /** Stops the running job, whoever's it is. */
  interrupt(): void {
    const job = this.running
    this.#stub.journal.write({ event: 'interrupt', query: job?.number ?? 0 })
    if (job !== undefined) this.#stops.get(job)?.resolve()
  }

  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    await tick()
    for (let job = this.queued[0]; job !== undefined; job = this.queued[0]) await this.#draw(job)
    this.#draining = false
  }

  async #draw(job: StubJob): Promise<void> {
    const { knobs } = this.#stub
    const stop = this.#stops.get(job)?.promise ?? Promise.resolve()
    let stopped = false
    void stop.then(() => {
      stopped = true
    })
    job.state = 'generating'
    this.#tell(job, 'begin')
    await this.#stub.loadModel(job.model, job.number)
    if (job.fails && knobs.fail === 'hang') await stop
    while (job.step < job.steps && !stopped) {
      if (job.step === knobs.pauseAfter) await this.#stub.paused(stop)
      if (knobs.tokenMs > 0) await Promise.race([pause(knobs.tokenMs), stop])
      await tick()
      if (stopped) break
      job.step += 1
      this.#tell(job, 'step')
    }
    this.#finish(job, stopped ? 'cancelled' : job.fails ? 'failed' : 'completed')
  }

  #finish(job: StubJob, state: StubJobState): void {
    job.state = state
    const event = state === 'completed' ? 'end' : state === 'failed' ? 'fail' : 'cancel'
    if (job.step > 0 || state !== 'cancelled') this.#stub.journal.write({ event, query: job.number, sent: job.step })
    this.#tell(job, 'end')
    this.#ends.get(job)?.(state)
  }

  #tell(job: StubJob, what: 'begin' | 'step' | 'end'): void {
    for (const listener of this.listeners) listener(job, what)
  }
}
