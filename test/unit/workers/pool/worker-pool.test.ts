import assert from 'node:assert/strict'
import { MAX_WORKERS } from '../../../../workers/pool/worker-pool.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { PoolBench } from '../../../support/pool-bench.ts'
import { chatQuery } from '../../../support/query.ts'

const { signal } = new AbortController()

describe('WorkerPool', () => {
  let rig: PoolBench

  beforeEach(async () => {
    rig = await PoolBench.start()
  })
  afterEach(() => rig.stop())

  it('knows the models of an engine as soon as it is added', () => {
    assert.deepEqual(rig.modelNames, ['tiny'])
    assert.equal(rig.worker.availability('stranger'), 'free')
  })

  it('refuses a second worker of the same name, and more than a node may have', async () => {
    await assert.rejects(rig.pool.add(new FakeEngine(), { name: 'rig' }), { code: 'CONFIG_INVALID' })
    for (let i = 1; i < MAX_WORKERS; i += 1) await rig.pool.add(new FakeEngine(), { name: `w${i}` })
    await assert.rejects(rig.pool.add(new FakeEngine(), { name: 'one more' }), { code: 'CONFIG_INVALID' })
  })

  describe('scope', () => {
    for (const [what, init, scope] of [
      ['an engine of this machine serves everybody whom the node shares with', {}, 'public'],
      ['a cloud engine serves this node', { cloud: true }, 'local'],
      ['a built-in serves this node', { kind: 'builtin/procedural' }, 'local'],
    ] as const) {
      it(`${what}, unless the owner says otherwise`, async () => {
        const plain = await rig.pool.add(new FakeEngine(init), { name: 'plain' })
        assert.equal(plain.scope, scope)
        const told = await rig.pool.add(new FakeEngine(init), { name: 'told', scope: 'friends' })
        assert.equal(told.scope, 'friends')
      })
    }

    it('never offers the guide to others', async () => {
      const guide = await rig.pool.add(new FakeEngine({ kind: 'builtin/guide' }), { name: 'guide', scope: 'public' })
      assert.equal(guide.scope, 'local')
    })
  })

  describe('draining and removing', () => {
    it('takes nothing more, ends with the last query, and can be taken back', async () => {
      const lease = rig.hold()
      let drained = false
      const done = rig.pool.drain('rig').then(() => {
        drained = true
      })
      assert.deepEqual(rig.worker.availability('own'), { reason: 'draining' })
      await Promise.resolve()
      assert.equal(drained, false)
      lease.release()
      await done
      rig.pool.undrain('rig')
      assert.equal(rig.worker.availability('own'), 'free')
    })

    it('waits for what runs before it releases the engine', async () => {
      const lease = rig.hold()
      const removed = rig.pool.remove('rig')
      await Promise.resolve()
      assert.equal(rig.engine.closed, false)
      lease.release()
      await removed
      assert.equal(rig.engine.closed, true)
      assert.equal(rig.pool.get('rig'), undefined)
    })

    it('ends what takes too long', async () => {
      const lease = rig.hold()
      const events = lease.run(chatQuery(), { signal })[Symbol.asyncIterator]()
      await events.next()
      const pending = events.next()
      const removed = rig.pool.remove('rig', { timeoutMs: 5_000 })
      rig.clock.advance(5_000)
      await assert.rejects(pending, { code: 'DRAINING' })
      await removed
      lease.release()
    })

    it('stops with queries under way, and leaves nothing behind', async () => {
      const lease = rig.hold()
      const events = lease.run(chatQuery(), { signal })[Symbol.asyncIterator]()
      await events.next()
      const pending = events.next()
      await Promise.all([assert.rejects(pending, { code: 'DRAINING' }), rig.pool.stop()])
      lease.release()
      await rig.pool.stop()
      assert.equal(rig.engine.closed, true)
    })

    it('takes no worker once it is stopped', async () => {
      await rig.pool.stop()
      const late = new FakeEngine()
      await assert.rejects(rig.pool.add(late, { name: 'late' }), { code: 'DRAINING' })
      assert.deepEqual(rig.pool.list(), [])
      assert.equal(late.probes, 0)
      await rig.pool.start()
      await rig.pool.add(late, { name: 'late' })
      assert.equal(late.probes, 1)
    })

    it('does not wait for queries of a worker that is being removed when it is stopped', async () => {
      rig.hold()
      const removed = rig.pool.remove('rig')
      await rig.pool.stop()
      await removed
      assert.equal(rig.engine.closed, true)
    })
  })
})
