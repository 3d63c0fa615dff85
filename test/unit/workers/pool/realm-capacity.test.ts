import assert from 'node:assert/strict'
import {
  indexModels,
  modelLoad,
  realmCapacity,
  realmLoads,
  realmModels,
} from '../../../../workers/pool/realm-capacity.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import type { Worker } from '../../../../workers/worker/worker.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const tiny = fakeModel('tiny')

describe('capacity of a realm', () => {
  let pool: WorkerPool
  beforeEach(async () => {
    pool = new WorkerPool({ clock: new ManualClock() })
    await pool.start()
  })
  afterEach(() => pool.stop())

  const add = (name: string, slots: number, ...models: readonly string[]): Promise<Worker> =>
    pool.add(new FakeEngine({ slots, models: models.map((model) => fakeModel(model)), kind: `kind-${name}` }), { name })

  const served = (worker: Worker, totalMs: number, decode: number): void =>
    worker.models.observe({
      model: 'tiny',
      firstMs: 10,
      totalMs,
      warm: true,
      images: 0,
      end: { kind: 'end', finishReason: 'stop', timings: { decodeTokensPerSecond: decode } },
    })

  it('sums slots, and means rates over the workers that were measured, each as often as it has slots', async () => {
    const [small, large, fresh] = [await add('a', 1, 'tiny'), await add('b', 3, 'tiny'), await add('c', 4, 'tiny')]
    served(small, 1_000, 10)
    served(large, 2_000, 50)
    large.take(tiny, 'me', 1)
    const capacity = realmCapacity([small, large, fresh].map((worker) => ({ worker, model: tiny })))
    assert.deepEqual(capacity, { slots: 8, running: 1, meanJobMs: 1_750, decodeRate: 40, prefillRate: 0, warm: true })
  })

  it('counts no more as running than there are slots', async () => {
    const worker = await add('a', 2, 'tiny')
    worker.slots.report({ running: 9 })
    assert.equal(realmCapacity([{ worker, model: tiny }]).running, 2)
  })

  it('has nothing without workers', () => {
    assert.deepEqual(modelLoad('tiny', realmCapacity([])), {
      model: 'tiny',
      slots: 0,
      running: 0,
      queued: 0,
      estimatedWaitMs: 0,
      decodeRate: 0,
      prefillRate: 0,
      warm: false,
    })
  })

  it('merges the workers of one model, whatever they write it like, and leaves out other types', async () => {
    const workers = [await add('a', 1, 'Tiny:latest', 'big'), await add('b', 2, 'tiny')]
    const vectors = await pool.add(new FakeEngine({ models: [fakeModel('v', { types: ['embed'] })] }), { name: 'v' })
    const index = indexModels([...workers, vectors], () => ({ realm: undefined, worker: undefined }), 'own', ['chat'])
    assert.deepEqual(
      realmModels(index).map(({ model, slots, engines }) => [model.name, slots, engines]),
      [
        ['Tiny:latest', 3, ['kind-a', 'kind-b']],
        ['big', 1, ['kind-a']],
      ],
    )
    assert.deepEqual(
      realmLoads(index).map(({ model, slots }) => [model, slots]),
      [
        ['tiny', 3],
        ['big', 1],
      ],
    )
  })
})
