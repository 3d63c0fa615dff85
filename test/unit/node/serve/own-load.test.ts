import assert from 'node:assert/strict'
import type { ModelLoad } from '../../../../core/model/load.ts'
import { ANY_MODEL } from '../../../../node/realm/queue/waiting-queries.ts'
import { nodeTotal, ownLoad, type RealmLoadSource } from '../../../../node/serve/own-load.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const load = (overrides: Partial<ModelLoad> = {}): ModelLoad => ({
  model: 'tiny',
  slots: 2,
  running: 0,
  queued: 0,
  estimatedWaitMs: 0,
  decodeRate: 0,
  prefillRate: 0,
  warm: true,
  ...overrides,
})

const realm = (loads: readonly ModelLoad[], queued: Record<string, number> = {}): RealmLoadSource => ({
  workers: { loads: () => loads },
  processor: { queuedByModel: () => new Map(Object.entries(queued)) },
})

describe('ownLoad', () => {
  it('counts the queue by model, and those who take any model everywhere', () => {
    const rows = ownLoad([realm([load(), load({ model: 'big' })], { tiny: 2, [ANY_MODEL]: 1, big: 1 })], 'home')
    assert.deepEqual(
      rows.map(({ model, queued }) => [model, queued]),
      [
        ['tiny', 3],
        ['big', 2],
      ],
    )
  })

  it('says the slots of a worker that two realms share only once', () => {
    const rows = ownLoad(
      [realm([load({ running: 1 })], { tiny: 1 }), realm([load({ running: 1 })], { tiny: 2 })],
      'home',
    )
    assert.deepEqual(
      rows.map(({ slots, running, queued }) => [slots, running, queued]),
      [[2, 1, 3]],
    )
  })

  it('estimates the wait from the measured speed', () => {
    const [free, busy] = ownLoad([realm([load(), load({ model: 'big', running: 2, decodeRate: 25.6 })])], 'home')
    assert.equal(free?.estimatedWaitMs, 0)
    assert.equal(busy?.estimatedWaitMs, 5_000)
  })

  it('says no wait of a model that has no slots at all: it takes nothing', () => {
    assert.equal(ownLoad([realm([load({ slots: 0 })])], 'home')[0]?.estimatedWaitMs, 0)
  })
})

describe('the load of the whole node', () => {
  it('counts a worker once, however many models it has and realms share it', async () => {
    const pool = new WorkerPool({ clock: new ManualClock() })
    await pool.start()
    const models = ['a', 'b', 'c', 'd', 'e'].map((name) => fakeModel(name))
    const worker = await pool.add(new FakeEngine({ slots: 1, models }), { name: 'rig' })
    const hold = worker.take(models[0] ?? assert.fail(), 'me', pool.nextTurn())
    const realms = [realm([load(), load({ model: 'b' })], { a: 2 }), realm([load()], { [ANY_MODEL]: 1 })]
    assert.deepEqual(nodeTotal(realms, pool.list(), 'home'), { slots: 1, running: 1, queued: 3 })
    hold.release()
    await pool.stop()
  })
})
