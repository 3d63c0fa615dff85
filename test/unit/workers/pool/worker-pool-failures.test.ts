import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { collect } from '../../../support/collect.ts'
import { fakeModel } from '../../../support/fake-engine.ts'
import { PoolBench, PROBE_MS, refusedConnection } from '../../../support/pool-bench.ts'
import { chatQuery } from '../../../support/query.ts'

const { signal } = new AbortController()

describe('a worker pool whose engines fail', () => {
  let rig: PoolBench

  beforeEach(async () => {
    rig = await PoolBench.start()
  })
  afterEach(() => rig.stop())

  describe('an engine that dies', () => {
    it('is noticed by the next probe and said so', async () => {
      rig.engine.trouble = refusedConnection
      await rig.nextProbe()
      assert.equal(rig.worker.vitals.up, false)
      assert.equal(rig.changes, 1)
      assert.deepEqual(
        rig.pool.status().map(({ healthy, reason }) => ({ healthy, reason })),
        [{ healthy: false, reason: 'fake cannot be reached' }],
      )
    })

    it('is noticed at once by a query that fails', async () => {
      const lease = rig.hold()
      rig.engine.script = (run) => run.fail(refusedConnection)
      await assert.rejects(collect(lease.run(chatQuery(), { signal })), { code: 'ENGINE_FAILED' })
      assert.equal(rig.worker.vitals.up, false)
      lease.release()
    })

    it('is noticed when it hangs while it is used, after a second look within two seconds', async () => {
      const lease = rig.hold()
      rig.engine.trouble = 'never'
      for (const wait of [PROBE_MS, 300]) {
        rig.clock.advance(wait)
        rig.clock.advance(2_000)
        await new Promise(setImmediate)
      }
      assert.equal(rig.worker.vitals.up, false)
      assert.match(rig.pool.status()[0]?.reason ?? '', /no answer within 2000 ms/)
      lease.release()
    })

    it('serves again once it is back, with the models that it has then', async () => {
      rig.engine.trouble = refusedConnection
      await rig.nextProbe()
      rig.engine.trouble = undefined
      rig.engine.offered = [fakeModel('other')]
      await rig.nextProbe(1_000)
      assert.equal(rig.worker.availability('own'), 'free')
      assert.deepEqual(rig.modelNames, ['other'])
    })
  })

  describe('failures of queries', () => {
    const failWith = async (error: Error): Promise<void> => {
      rig.engine.script = (run) => run.fail(error)
      const lease = rig.hold()
      await assert.rejects(collect(lease.run(chatQuery(), { signal })), error)
      lease.release()
    }

    it('do not touch the health when the engine was only busy; it is left alone as long as it asks', async () => {
      await failWith(new RealmeshError('ENGINE_BUSY', 'full', { retryAfterMs: 700 }))
      assert.equal(rig.worker.vitals.health.score, 100)
      assert.equal(rig.worker.availability('own'), 'busy')
      const before = rig.slotsFreed
      rig.clock.advance(700)
      assert.equal(rig.worker.availability('own'), 'free')
      assert.ok(rig.slotsFreed > before, 'those who wait are told')
    })

    it('send queries elsewhere when the engine asks for a long pause', async () => {
      await failWith(new RealmeshError('ENGINE_BUSY', 'rate limit', { retryAfterMs: 60_000 }))
      assert.deepEqual(rig.worker.availability('own'), { reason: 'the engine asked for a pause', retryAfterMs: 60_000 })
      rig.clock.advance(60_000)
      assert.equal(rig.worker.availability('own'), 'free')
    })

    it('are forgotten when the engine was started anew', async () => {
      for (let i = 0; i < 3; i += 1) await failWith(refusedConnection)
      await rig.worker.check()
      assert.equal(rig.worker.availability('own'), 'free')
    })

    it('do not touch the health when the query was at fault', async () => {
      for (let i = 0; i < 5; i += 1) {
        await failWith(new RealmeshError('ENGINE_FAILED', 'answered 400', { retryable: false }))
        await failWith(new RealmeshError('CONTEXT_TOO_LONG', 'too long'))
      }
      assert.equal(rig.worker.vitals.health.score, 100)
      assert.equal(rig.worker.availability('own'), 'free')
    })

    it('open the breaker after three in a row, for a while', async () => {
      for (let i = 0; i < 3; i += 1) await failWith(new RealmeshError('ENGINE_FAILED', 'out of memory'))
      const refusal = rig.worker.availability('own')
      assert.ok(typeof refusal === 'object' && /failed several/.test(refusal.reason))
      await rig.nextProbe()
      rig.clock.advance(2_000)
      assert.equal(rig.worker.availability('own'), 'free')
    })

    it('ask for the models again when the engine lost one', async () => {
      rig.engine.offered = [fakeModel('other')]
      await failWith(new RealmeshError('MODEL_NOT_FOUND', 'gone', { retryable: true }))
      await rig.worker.check()
      assert.deepEqual(rig.modelNames, ['other'])
    })

    it('count nothing when the asker went away', async () => {
      const asker = new AbortController()
      const lease = rig.hold()
      const events = lease.run(chatQuery(), asker)[Symbol.asyncIterator]()
      await events.next()
      const pending = events.next()
      asker.abort()
      await assert.rejects(pending)
      lease.release()
      assert.equal(rig.engine.runs[0]?.signal.aborted, true)
      assert.equal(rig.worker.vitals.health.score, 100)
    })

    it('count an engine that stops without an end as one that sends garbage', async () => {
      rig.engine.run = async function* () {
        yield { kind: 'text', text: 'half' }
      }
      const lease = rig.hold()
      await assert.rejects(collect(lease.run(chatQuery(), { signal })), { code: 'ENGINE_GARBAGE' })
      lease.release()
      assert.equal(rig.worker.vitals.health.score, 90)
    })

    it('are none when a model takes minutes to load', async () => {
      const lease = rig.hold()
      const events = lease.run(chatQuery(), { signal })[Symbol.asyncIterator]()
      await events.next()
      const first = events.next()
      for (let i = 0; i < 100; i += 1) await rig.nextProbe(3_000)
      rig.engine.runs[0]?.text('at last').end()
      assert.deepEqual(await first, { done: false, value: { kind: 'text', text: 'at last' } })
      await events.next()
      lease.release()
      assert.equal(rig.worker.vitals.health.score, 100)
    })
  })
})
