import assert from 'node:assert/strict'
import { collect } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'
import { RealmBench } from '../../../support/realm-bench.ts'
import { until } from '../../../support/until.ts'

const { signal } = new AbortController()
const batchQuery = () => chatQuery({ priority: 'batch' })

describe('the workers of a realm and a batch', () => {
  let bench: RealmBench
  beforeEach(async () => {
    bench = await RealmBench.start()
  })
  afterEach(() => bench.stop())

  it('gives it all slots of a worker that is idle, and none while an answer is waited for there', async () => {
    await bench.add('rig', { slots: 3 })
    const workers = bench.manager()
    const first = workers.reserve(batchQuery(), { asker: 'own' })
    const second = workers.reserve(batchQuery(), { asker: 'home' })
    assert.ok(first !== undefined && second !== undefined)
    const live = workers.reserve(chatQuery(), { asker: 'own' })
    first.release()
    assert.equal(workers.reserve(batchQuery(), { asker: 'own' }), undefined)
    assert.equal(workers.place(batchQuery(), { asker: 'own' }), undefined)
    live?.release()
    assert.ok(workers.reserve(batchQuery(), { asker: 'own' }) !== undefined)
  })

  it('keeps it away while the engine computes for others', async () => {
    const engine = await bench.add('rig', { slots: 3 })
    engine.loadReport = { running: 1 }
    await bench.pool.check()
    assert.equal(bench.manager().reserve(batchQuery(), { asker: 'own' }), undefined)
  })

  it('holds the owner’s rules for others against their own batches too', async () => {
    await bench.add('rig')
    const workers = bench.manager()
    bench.pool.pause()
    assert.throws(() => workers.reserve(batchQuery(), { asker: 'own' }), {
      code: 'NO_WORKER',
      message: /paused by its owner/,
    })
    assert.ok(workers.reserve(chatQuery(), { asker: 'own' }) !== undefined)
  })

  it('counts its slots as free for all others', async () => {
    await bench.add('rig', { slots: 2 })
    const workers = bench.manager()
    workers.reserve(batchQuery(), { asker: 'own' })
    assert.equal(workers.capacity(chatQuery(), 'own').running, 0)
    assert.equal(workers.loads('home')[0]?.running, 0)
    workers.reserve(chatQuery(), { asker: 'own' })
    assert.equal(workers.loads('home')[0]?.running, 1)
  })

  it('ends its newest query for one that waits, once each, and only where a slot is missing', async () => {
    const engine = await bench.add('rig', { slots: 2 })
    const workers = bench.manager()
    const runs = [1, 2].map(() => {
      const lease = workers.reserve(batchQuery(), { asker: 'own' }) ?? assert.fail('no slot')
      return collect(lease.run(batchQuery(), { signal })).finally(() => lease.release())
    })
    const [older, newer] = runs
    await until('both run', () => engine.runs.length === 2)
    assert.equal(workers.makeRoom(chatQuery(), 'own'), true)
    await assert.rejects(newer ?? assert.fail(), { code: 'REALM_OVERLOADED', retryable: true })
    assert.equal(workers.makeRoom(chatQuery(), 'own'), false, 'a slot is free')
    engine.runs[0]?.text('kept').end()
    assert.equal((await older)?.at(-1)?.kind, 'end')
  })

  it('does not count it against the health of the worker that it gave way', async () => {
    const engine = await bench.add('rig')
    const workers = bench.manager()
    const lease = workers.reserve(batchQuery(), { asker: 'own' }) ?? assert.fail('no slot')
    const run = collect(lease.run(batchQuery(), { signal }))
    await until('it runs', () => engine.runs.length === 1)
    const before = bench.pool.get('rig')?.vitals.health.score
    workers.makeRoom(chatQuery(), 'own')
    await assert.rejects(run)
    assert.equal(bench.pool.get('rig')?.vitals.health.score, before)
    assert.equal(bench.pool.get('rig')?.vitals.breaker.allows, true)
  })
})
