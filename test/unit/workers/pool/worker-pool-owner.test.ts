import assert from 'node:assert/strict'
import { collect, textOf } from '../../../support/collect.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { PoolBench } from '../../../support/pool-bench.ts'
import { chatQuery } from '../../../support/query.ts'

const { signal } = new AbortController()

describe('the owner of a worker pool', () => {
  let rig: PoolBench

  beforeEach(async () => {
    rig = await PoolBench.start()
  })
  afterEach(() => rig.stop())

  it('pauses the work for others, for a time, and is served meanwhile', () => {
    rig.pool.pause(3_600_000)
    assert.equal(rig.changes, 1)
    assert.equal(rig.worker.availability('own'), 'free')
    assert.deepEqual(rig.worker.availability('home'), { reason: 'paused by its owner', retryAfterMs: 3_600_000 })
    assert.equal(rig.pool.status()[0]?.reason, 'paused by its owner')
    rig.clock.advance(3_600_000)
    assert.equal(rig.worker.availability('home'), 'free')
    assert.equal(rig.changes, 2)
  })

  it('pauses without an end until resumed; a new pause replaces the old one', () => {
    rig.pool.pause(1_000)
    rig.pool.pause()
    rig.clock.advance(1e9)
    assert.equal(rig.pool.pausedMs, Number.POSITIVE_INFINITY)
    rig.pool.resume()
    assert.equal(rig.worker.availability('stranger'), 'free')
  })

  it('has a pause of nothing end the pause', () => {
    rig.pool.pause()
    rig.pool.pause(0)
    assert.equal(rig.worker.availability('stranger'), 'free')
  })

  it('lets running queries of others go on in a pause', async () => {
    const lease = rig.hold()
    const events = collect(lease.run(chatQuery(), { signal }))
    rig.pool.pause()
    await Promise.resolve()
    await Promise.resolve()
    rig.engine.runs[0]?.text('done').end()
    assert.equal(textOf(await events), 'done')
    lease.release()
  })

  it('keeps the GPU while something else uses it', async () => {
    rig.gpus = [{ index: 0, name: 'GPU', vendor: 'nvidia', utilizationPercent: 90 }]
    const shared = await rig.pool.add(new FakeEngine(), { name: 'shared', idleOnly: true })
    assert.deepEqual(shared.availability('home'), { reason: 'its owner uses the GPU' })
    assert.equal(shared.availability('own'), 'free')
    rig.gpus = [{ index: 0, name: 'GPU', vendor: 'nvidia', utilizationPercent: 3 }]
    const told = new Promise<void>((resolve) => rig.pool.onChange(resolve))
    rig.clock.advance(3_000)
    await told
    assert.equal(shared.availability('home'), 'free')
  })

  it('does not mind the GPU of this machine for an engine on another', async () => {
    rig.gpus = [{ index: 0, name: 'GPU', vendor: 'nvidia', utilizationPercent: 90 }]
    const far = new FakeEngine({ url: 'http://192.0.2.7:11434' })
    const other = await rig.pool.add(far, { name: 'far', idleOnly: true })
    assert.equal(other.availability('home'), 'free')
  })

  it('changes the settings of a worker while it runs', async () => {
    rig.pool.configure('rig', { name: 'rig', slots: 7, models: { deny: ['tiny'] } })
    assert.equal(rig.worker.slots.slots, 7)
    assert.deepEqual(rig.worker.models.all, [])
    assert.throws(() => rig.pool.configure('nobody', { name: 'nobody' }), { code: 'BAD_REQUEST' })
  })

  it('gives a worker another name, with its place in the order and what runs in it', async () => {
    await rig.pool.add(new FakeEngine(), { name: 'last' })
    const lease = rig.hold()
    rig.pool.configure('rig', { name: 'attic', slots: 1 })
    assert.deepEqual(
      rig.pool.list().map(({ name }) => name),
      ['attic', 'last'],
    )
    assert.equal(rig.pool.get('attic'), rig.worker)
    assert.equal(rig.pool.get('rig'), undefined)
    assert.equal(rig.worker.availability('own'), 'busy')
    lease.release()
    assert.equal(rig.worker.availability('own'), 'free')
  })

  it('does not give two workers the same name', async () => {
    await rig.pool.add(new FakeEngine(), { name: 'other' })
    assert.throws(() => rig.pool.configure('rig', { name: 'other' }), { code: 'CONFIG_INVALID' })
    assert.equal(rig.pool.get('rig'), rig.worker)
  })

  it('has the GPUs looked at only while a worker asks for it', async () => {
    const before = rig.clock.pending
    await rig.pool.add(new FakeEngine(), { name: 'shared', idleOnly: true })
    rig.pool.configure('shared', { name: 'shared' })
    await rig.pool.remove('shared')
    assert.equal(rig.clock.pending, before)
  })
})
