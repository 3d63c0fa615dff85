/** A pool with one worker, `rig`, whose engine is a fake of two slots, and what its listeners were told. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { GpuReading } from '../../workers/owner/gpu/gpu-reading.ts'
import { WorkerPool } from '../../workers/pool/worker-pool.ts'
import type { Worker } from '../../workers/worker/worker.ts'
import type { WorkerHold } from '../../workers/worker/worker-runs.ts'
import { FakeEngine } from './fake-engine.ts'
import { ManualClock } from './manual-clock.ts'

/** Long enough for every probe that is due, short of the second look after it. */
export const PROBE_MS = 1_200

/** What a query meets when nothing listens at the engine's address. */
export const refusedConnection = new RealmeshError('ENGINE_FAILED', 'fake cannot be reached', {
  cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
})

export class PoolBench {
  readonly clock = new ManualClock()
  readonly engine = new FakeEngine({ slots: 2 })
  /** What the next look at the GPUs of this machine finds. */
  gpus: GpuReading[] = []
  readonly pool = new WorkerPool({ clock: this.clock, gpu: { read: async () => this.gpus } })
  /** How often the pool told of a change, and of a slot that is free, since the worker was added. */
  changes = 0
  slotsFreed = 0
  #worker: Worker | undefined

  static async start(): Promise<PoolBench> {
    const bench = new PoolBench()
    await bench.pool.start()
    bench.#worker = await bench.pool.add(bench.engine, { name: 'rig' })
    bench.pool.onChange(() => {
      bench.changes += 1
    })
    bench.pool.onSlotFree(() => {
      bench.slotsFreed += 1
    })
    return bench
  }

  /** Fails when the pool leaves a timer behind. */
  async stop(): Promise<void> {
    await this.pool.stop()
    assert.equal(this.clock.pending, 0, 'a timer is left')
  }

  /** `rig`, also when it was given another name or removed. */
  get worker(): Worker {
    return this.#worker ?? assert.fail('not started')
  }

  get modelNames(): readonly string[] {
    return this.worker.models.all.map(({ name }) => name)
  }

  /** Lets the probe that is due happen, and waits for its end. */
  async nextProbe(ms = PROBE_MS): Promise<void> {
    this.clock.advance(ms)
    await Promise.all(this.pool.list().map((each) => each.check()))
  }

  /** A slot of the worker, for a query of its first model. */
  hold(): WorkerHold {
    return this.worker.take(this.worker.models.all[0] ?? assert.fail('no model'), 'me', this.pool.nextTurn())
  }
}
