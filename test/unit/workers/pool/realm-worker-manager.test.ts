import assert from 'node:assert/strict'
import { collect } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'
import { RealmBench } from '../../../support/realm-bench.ts'

const { signal } = new AbortController()

describe('RealmWorkerManager', () => {
  let bench: RealmBench
  beforeEach(async () => {
    bench = await RealmBench.start()
  })
  afterEach(() => bench.stop())

  describe('waiting', () => {
    it('gives nothing while all slots are taken, and tells when one is free', async () => {
      await bench.add('rig')
      const workers = bench.manager()
      const lease = workers.reserve(chatQuery(), { asker: 'own' })
      assert.equal(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
      let freed = 0
      const stop = workers.onSlotFree(() => {
        freed += 1
      })
      lease?.release()
      lease?.release()
      assert.equal(freed, 1)
      stop()
      assert.notEqual(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
    })

    it('wakes those who wait when the engine dies, so that they need not', async () => {
      const engine = await bench.add('rig')
      const workers = bench.manager()
      workers.reserve(chatQuery(), { asker: 'own' })
      const woken = new Promise<void>((resolve) => workers.onSlotFree(resolve))
      await bench.kill(engine)
      await woken
      assert.throws(() => workers.reserve(chatQuery(), { asker: 'own' }), { code: 'NO_WORKER' })
    })

    it('shares slots between realms', async () => {
      await bench.add('rig')
      const other = bench.manager({ realm: '$OTHER' })
      other.reserve(chatQuery(), { asker: 'own' })
      assert.equal(bench.manager().reserve(chatQuery(), { asker: 'own' }), undefined)
    })
  })

  it('says so when the realm has fewer workers than it wants', async () => {
    const workers = bench.manager({ minWorkers: 2 })
    const engine = await bench.add('a')
    await bench.add('b')
    assert.equal(workers.warning(), undefined)
    await bench.kill(engine)
    assert.equal(workers.warning(), '$CHAT has 1 usable of 2 workers and wants at least 2')
  })

  it('names the engines that it leaves out because it may have no more; none that is down or built in', async () => {
    const workers = bench.manager({ maxWorkers: 2 })
    await bench.add('guide', { kind: 'builtin/guide' })
    for (const name of ['a', 'b', 'c', 'd']) await bench.add(name)
    const down = await bench.add('down')
    await bench.kill(down)
    assert.deepEqual(workers.membership, { taken: ['a', 'b'], leftOut: ['c', 'd'] })
    assert.equal(workers.warning(), '$CHAT leaves out c, d: its max_workers is 2')
    await bench.pool.remove('a')
    await bench.pool.remove('b')
    assert.deepEqual(workers.membership, { taken: ['c', 'd'], leftOut: [] })
    assert.equal(workers.warning(), undefined)
  })

  it('tells capacity, place and load of what fits, busy workers included', async () => {
    const engine = await bench.add('rig', { slots: 2 })
    engine.script = (run) => {
      bench.clock.advance(1_000)
      run.text('x').end({ timings: { decodeTokensPerSecond: 40, prefillTokensPerSecond: 900 } })
    }
    const workers = bench.manager()
    const lease = workers.reserve(chatQuery(), { asker: 'own' }) ?? assert.fail('no lease')
    await collect(lease.run(chatQuery(), { signal }))
    const figures = { slots: 2, running: 1, decodeRate: 40, prefillRate: 900, warm: true }
    assert.deepEqual(workers.capacity(chatQuery(), 'own'), { ...figures, meanJobMs: 1_000 })
    const load = { ...figures, model: 'tiny', queued: 0, estimatedWaitMs: 0 }
    assert.deepEqual(workers.place(chatQuery(), { asker: 'own' }), { model: 'tiny', engine: 'fake', sure: true, load })
    assert.deepEqual(workers.loads('own'), [load])
    assert.equal(workers.capacity(chatQuery({ model: 'none' }), 'own').slots, 0)
    lease.release()
  })
})
