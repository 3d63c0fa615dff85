import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { OpenAiEngine } from '../../../../engines/openai/openai-compatible.ts'
import type { GpuReading } from '../../../../workers/owner/gpu/gpu-reading.ts'
import { MAX_WORKERS, WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import type { Worker } from '../../../../workers/worker/worker.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const refusedConnection = new RealmeshError('ENGINE_FAILED', 'fake cannot be reached', {
  cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
})
const { signal } = new AbortController()

/** Long enough for every probe that is due, short of the second look after it. */
const PROBE_MS = 1_200

describe('WorkerPool', () => {
  let clock: ManualClock
  let engine: FakeEngine
  let pool: WorkerPool
  let worker: Worker
  let gpus: GpuReading[]
  let changes: number
  let slotsFreed: number

  beforeEach(async () => {
    clock = new ManualClock()
    engine = new FakeEngine({ slots: 2 })
    gpus = []
    pool = new WorkerPool({ clock, gpu: { read: async () => gpus } })
    await pool.start()
    worker = await pool.add(engine, { name: 'rig' })
    changes = 0
    slotsFreed = 0
    pool.onChange(() => {
      changes += 1
    })
    pool.onSlotFree(() => {
      slotsFreed += 1
    })
  })
  afterEach(async () => {
    await pool.stop()
    assert.equal(clock.pending, 0, 'a timer is left')
  })

  /** Lets the probe that is due happen, and waits for its end. */
  const nextProbe = async (ms = PROBE_MS): Promise<void> => {
    clock.advance(ms)
    await Promise.all(pool.list().map((each) => each.check()))
  }
  const firstModel = (from: Worker = worker) => from.models.all[0] ?? assert.fail('no model')
  const hold = (from: Worker = worker) => from.take(firstModel(from), 'me', pool.nextTurn())

  it('looks at an engine that asks upstream itself once in thirty seconds while it is idle', async () => {
    const { idleLookMs = 0 } = new OpenAiEngine({ kind: 'openai', url: 'http://127.0.0.1:1' })
    const proxy = Object.assign(new FakeEngine(), { idleLookMs })
    await pool.add(proxy, { name: 'proxy' })
    await nextProbe() // the first look at its load is behind it
    const before = proxy.probes
    for (let second = 0; second < 29; second += 1) clock.advance(1_000)
    assert.equal(proxy.probes, before)
    clock.advance(1_001)
    assert.equal(proxy.probes, before + 1)
  })

  it('knows the models of an engine as soon as it is added', () => {
    assert.deepEqual(
      worker.models.all.map(({ name }) => name),
      ['tiny'],
    )
    assert.equal(worker.availability('stranger'), 'free')
  })

  it('refuses a second worker of the same name, and more than a node may have', async () => {
    await assert.rejects(pool.add(new FakeEngine(), { name: 'rig' }), { code: 'CONFIG_INVALID' })
    for (let i = 1; i < MAX_WORKERS; i += 1) await pool.add(new FakeEngine(), { name: `w${i}` })
    await assert.rejects(pool.add(new FakeEngine(), { name: 'one more' }), { code: 'CONFIG_INVALID' })
  })

  describe('an engine that dies', () => {
    it('is noticed by the next probe and said so', async () => {
      engine.trouble = refusedConnection
      await nextProbe()
      assert.equal(worker.vitals.up, false)
      assert.equal(changes, 1)
      assert.deepEqual(
        pool.status().map(({ healthy, reason }) => ({ healthy, reason })),
        [{ healthy: false, reason: 'fake cannot be reached' }],
      )
    })

    it('is noticed at once by a query that fails', async () => {
      const lease = hold()
      engine.script = (run) => run.fail(refusedConnection)
      await assert.rejects(collect(lease.run(chatQuery(), { signal })), { code: 'ENGINE_FAILED' })
      assert.equal(worker.vitals.up, false)
      lease.release()
    })

    it('is noticed when it hangs while it is used, after a second look within two seconds', async () => {
      const lease = hold()
      engine.trouble = 'never'
      for (const wait of [PROBE_MS, 300]) {
        clock.advance(wait)
        clock.advance(2_000)
        await new Promise(setImmediate)
      }
      assert.equal(worker.vitals.up, false)
      assert.match(pool.status()[0]?.reason ?? '', /no answer within 2000 ms/)
      lease.release()
    })

    it('serves again once it is back, with the models that it has then', async () => {
      engine.trouble = refusedConnection
      await nextProbe()
      engine.trouble = undefined
      engine.offered = [fakeModel('other')]
      await nextProbe(1_000)
      assert.equal(worker.availability('own'), 'free')
      assert.deepEqual(
        worker.models.all.map(({ name }) => name),
        ['other'],
      )
    })
  })

  it('tells of a model that appears', async () => {
    engine.offered = [fakeModel('tiny'), fakeModel('large')]
    await nextProbe()
    assert.equal(changes, 1)
    assert.deepEqual(
      worker.models.all.map(({ name }) => name),
      ['tiny', 'large'],
    )
  })

  it('tells nothing when nothing changed', async () => {
    await nextProbe()
    await nextProbe()
    assert.equal(changes, 0)
  })

  it('keeps no more models than a rig has, and no name twice', async () => {
    engine.offered = [...Array.from({ length: 600 }, (_, i) => fakeModel(`m${i}`)), fakeModel('M0:latest')]
    await nextProbe()
    assert.equal(worker.models.all.length, 512)
    engine.offered = [fakeModel('x'), fakeModel('X:latest'), fakeModel('y'.repeat(201)), fakeModel('')]
    await nextProbe()
    assert.deepEqual(
      worker.models.all.map(({ name }) => name),
      ['x'],
    )
  })

  describe('load', () => {
    it("follows the engine's slots and what it runs for others", async () => {
      engine.loadReport = { slots: 4, running: 4 }
      await nextProbe()
      assert.equal(worker.slots.slots, 4)
      assert.equal(worker.availability('own'), 'busy')
      const before = slotsFreed
      engine.loadReport = { slots: 4, running: 0 }
      await nextProbe()
      assert.equal(worker.availability('own'), 'free')
      assert.ok(slotsFreed > before)
    })

    it('goes on counting by itself when the engine does not tell', async () => {
      engine.loadReport = undefined
      await nextProbe()
      const leases = [hold(), hold()]
      assert.equal(worker.availability('own'), 'busy')
      for (const lease of leases) lease.release()
      assert.equal(worker.availability('own'), 'free')
    })

    it('measures what it serves', async () => {
      engine.script = (run) => run.text('a').end({ timings: { decodeTokensPerSecond: 42 } })
      const lease = hold()
      const events = await collect(lease.run(chatQuery(), { signal }))
      lease.release()
      assert.equal(events[0]?.kind, 'start')
      assert.equal(textOf(events), 'a')
      assert.equal(pool.status()[0]?.decodeRate, 42)
    })

    it('knows which models are in memory', async () => {
      engine.loadReport = { warmModels: ['other'] }
      await nextProbe()
      assert.equal(worker.models.isWarm('tiny'), false)
      engine.script = (run) => run.end()
      const lease = hold()
      await collect(lease.run(chatQuery(), { signal }))
      lease.release()
      assert.equal(worker.models.isWarm('tiny'), true)
    })
  })

  describe('failures of queries', () => {
    const failWith = async (error: Error): Promise<void> => {
      engine.script = (run) => run.fail(error)
      const lease = hold()
      await assert.rejects(collect(lease.run(chatQuery(), { signal })), error)
      lease.release()
    }

    it('do not touch the health when the engine was only busy; it is left alone as long as it asks', async () => {
      await failWith(new RealmeshError('ENGINE_BUSY', 'full', { retryAfterMs: 700 }))
      assert.equal(worker.vitals.health.score, 100)
      assert.equal(worker.availability('own'), 'busy')
      const before = slotsFreed
      clock.advance(700)
      assert.equal(worker.availability('own'), 'free')
      assert.ok(slotsFreed > before, 'those who wait are told')
    })

    it('send queries elsewhere when the engine asks for a long pause', async () => {
      await failWith(new RealmeshError('ENGINE_BUSY', 'rate limit', { retryAfterMs: 60_000 }))
      assert.deepEqual(worker.availability('own'), { reason: 'the engine asked for a pause', retryAfterMs: 60_000 })
      clock.advance(60_000)
      assert.equal(worker.availability('own'), 'free')
    })

    it('are forgotten when the engine was started anew', async () => {
      for (let i = 0; i < 3; i += 1) await failWith(refusedConnection)
      await worker.check()
      assert.equal(worker.availability('own'), 'free')
    })

    it('do not touch the health when the query was at fault', async () => {
      for (let i = 0; i < 5; i += 1) {
        await failWith(new RealmeshError('ENGINE_FAILED', 'answered 400', { retryable: false }))
        await failWith(new RealmeshError('CONTEXT_TOO_LONG', 'too long'))
      }
      assert.equal(worker.vitals.health.score, 100)
      assert.equal(worker.availability('own'), 'free')
    })

    it('open the breaker after three in a row, for a while', async () => {
      for (let i = 0; i < 3; i += 1) await failWith(new RealmeshError('ENGINE_FAILED', 'out of memory'))
      const refusal = worker.availability('own')
      assert.ok(typeof refusal === 'object' && /failed several/.test(refusal.reason))
      await nextProbe()
      clock.advance(2_000)
      assert.equal(worker.availability('own'), 'free')
    })

    it('ask for the models again when the engine lost one', async () => {
      engine.offered = [fakeModel('other')]
      await failWith(new RealmeshError('MODEL_NOT_FOUND', 'gone', { retryable: true }))
      await worker.check()
      assert.deepEqual(
        worker.models.all.map(({ name }) => name),
        ['other'],
      )
    })

    it('count nothing when the asker went away', async () => {
      const asker = new AbortController()
      const lease = hold()
      const events = lease.run(chatQuery(), asker)[Symbol.asyncIterator]()
      await events.next()
      const pending = events.next()
      asker.abort()
      await assert.rejects(pending)
      lease.release()
      assert.equal(engine.runs[0]?.signal.aborted, true)
      assert.equal(worker.vitals.health.score, 100)
    })

    it('count an engine that stops without an end as one that sends garbage', async () => {
      engine.run = async function* () {
        yield { kind: 'text', text: 'half' }
      }
      const lease = hold()
      await assert.rejects(collect(lease.run(chatQuery(), { signal })), { code: 'ENGINE_GARBAGE' })
      lease.release()
      assert.equal(worker.vitals.health.score, 90)
    })

    it('are none when a model takes minutes to load', async () => {
      const lease = hold()
      const events = lease.run(chatQuery(), { signal })[Symbol.asyncIterator]()
      await events.next()
      const first = events.next()
      for (let i = 0; i < 100; i += 1) await nextProbe(3_000)
      engine.runs[0]?.text('at last').end()
      assert.deepEqual(await first, { done: false, value: { kind: 'text', text: 'at last' } })
      await events.next()
      lease.release()
      assert.equal(worker.vitals.health.score, 100)
    })
  })

  describe('the owner', () => {
    it('pauses the work for others, for a time, and is served himself', () => {
      pool.pause(3_600_000)
      assert.equal(changes, 1)
      assert.equal(worker.availability('own'), 'free')
      assert.deepEqual(worker.availability('home'), { reason: 'paused by its owner', retryAfterMs: 3_600_000 })
      assert.equal(pool.status()[0]?.reason, 'paused by its owner')
      clock.advance(3_600_000)
      assert.equal(worker.availability('home'), 'free')
      assert.equal(changes, 2)
    })

    it('pauses without an end until he resumes; a new pause replaces the old one', () => {
      pool.pause(1_000)
      pool.pause()
      clock.advance(1e9)
      assert.equal(pool.pausedMs, Number.POSITIVE_INFINITY)
      pool.resume()
      assert.equal(worker.availability('stranger'), 'free')
    })

    it('has a pause of nothing end the pause', () => {
      pool.pause()
      pool.pause(0)
      assert.equal(worker.availability('stranger'), 'free')
    })

    it('lets running queries of others go on when he pauses', async () => {
      const lease = hold()
      const events = collect(lease.run(chatQuery(), { signal }))
      pool.pause()
      await Promise.resolve()
      await Promise.resolve()
      engine.runs[0]?.text('done').end()
      assert.equal(textOf(await events), 'done')
      lease.release()
    })

    it('keeps the GPU to himself while something else uses it', async () => {
      gpus = [{ index: 0, name: 'GPU', vendor: 'nvidia', utilizationPercent: 90 }]
      const shared = await pool.add(new FakeEngine(), { name: 'shared', idleOnly: true })
      assert.deepEqual(shared.availability('home'), { reason: 'its owner uses the GPU' })
      assert.equal(shared.availability('own'), 'free')
      gpus = [{ index: 0, name: 'GPU', vendor: 'nvidia', utilizationPercent: 3 }]
      const told = new Promise<void>((resolve) => pool.onChange(resolve))
      clock.advance(3_000)
      await told
      assert.equal(shared.availability('home'), 'free')
    })

    it('does not mind the GPU of this machine for an engine on another', async () => {
      gpus = [{ index: 0, name: 'GPU', vendor: 'nvidia', utilizationPercent: 90 }]
      const far = new FakeEngine({ url: 'http://192.0.2.7:11434' })
      const other = await pool.add(far, { name: 'far', idleOnly: true })
      assert.equal(other.availability('home'), 'free')
    })

    it('changes the settings of a worker while it runs', async () => {
      pool.configure('rig', { name: 'rig', slots: 7, models: { deny: ['tiny'] } })
      assert.equal(worker.slots.slots, 7)
      assert.deepEqual(worker.models.all, [])
      assert.throws(() => pool.configure('nobody', { name: 'nobody' }), { code: 'BAD_REQUEST' })
    })

    it('gives a worker another name, with its place in the order and what runs in it', async () => {
      await pool.add(new FakeEngine(), { name: 'last' })
      const lease = hold()
      pool.configure('rig', { name: 'attic', slots: 1 })
      assert.deepEqual(
        pool.list().map(({ name }) => name),
        ['attic', 'last'],
      )
      assert.equal(pool.get('attic'), worker)
      assert.equal(pool.get('rig'), undefined)
      assert.equal(worker.availability('own'), 'busy')
      lease.release()
      assert.equal(worker.availability('own'), 'free')
    })

    it('does not give two workers the same name', async () => {
      await pool.add(new FakeEngine(), { name: 'other' })
      assert.throws(() => pool.configure('rig', { name: 'other' }), { code: 'CONFIG_INVALID' })
      assert.equal(pool.get('rig'), worker)
    })

    it('has the GPUs looked at only while a worker asks for it', async () => {
      const before = clock.pending
      await pool.add(new FakeEngine(), { name: 'shared', idleOnly: true })
      pool.configure('shared', { name: 'shared' })
      await pool.remove('shared')
      assert.equal(clock.pending, before)
    })
  })

  describe('scope', () => {
    for (const [what, init, scope] of [
      ['an engine of this machine serves everybody whom the node shares with', {}, 'public'],
      ['a cloud engine serves this node', { cloud: true }, 'local'],
      ['a built-in serves this node', { kind: 'builtin/procedural' }, 'local'],
    ] as const) {
      it(`${what}, unless the owner says otherwise`, async () => {
        const plain = await pool.add(new FakeEngine(init), { name: 'plain' })
        assert.equal(plain.scope, scope)
        const told = await pool.add(new FakeEngine(init), { name: 'told', scope: 'friends' })
        assert.equal(told.scope, 'friends')
      })
    }

    it('never offers the guide to others', async () => {
      const guide = await pool.add(new FakeEngine({ kind: 'builtin/guide' }), { name: 'guide', scope: 'public' })
      assert.equal(guide.scope, 'local')
    })
  })

  describe('draining and removing', () => {
    it('takes nothing more, ends with the last query, and can be taken back', async () => {
      const lease = hold()
      let drained = false
      const done = pool.drain('rig').then(() => {
        drained = true
      })
      assert.deepEqual(worker.availability('own'), { reason: 'draining' })
      await Promise.resolve()
      assert.equal(drained, false)
      lease.release()
      await done
      pool.undrain('rig')
      assert.equal(worker.availability('own'), 'free')
    })

    it('waits for what runs before it releases the engine', async () => {
      const lease = hold()
      const removed = pool.remove('rig')
      await Promise.resolve()
      assert.equal(engine.closed, false)
      lease.release()
      await removed
      assert.equal(engine.closed, true)
      assert.equal(pool.get('rig'), undefined)
    })

    it('ends what takes too long', async () => {
      const lease = hold()
      const events = lease.run(chatQuery(), { signal })[Symbol.asyncIterator]()
      await events.next()
      const pending = events.next()
      const removed = pool.remove('rig', { timeoutMs: 5_000 })
      clock.advance(5_000)
      await assert.rejects(pending, { code: 'DRAINING' })
      await removed
      lease.release()
    })

    it('stops with queries under way, and leaves nothing behind', async () => {
      const lease = hold()
      const events = lease.run(chatQuery(), { signal })[Symbol.asyncIterator]()
      await events.next()
      const pending = events.next()
      await Promise.all([assert.rejects(pending, { code: 'DRAINING' }), pool.stop()])
      lease.release()
      await pool.stop()
      assert.equal(engine.closed, true)
    })

    it('takes no worker once it is stopped', async () => {
      await pool.stop()
      const late = new FakeEngine()
      await assert.rejects(pool.add(late, { name: 'late' }), { code: 'DRAINING' })
      assert.deepEqual(pool.list(), [])
      assert.equal(late.probes, 0)
      await pool.start()
      await pool.add(late, { name: 'late' })
      assert.equal(late.probes, 1)
    })

    it('does not wait for queries of a worker that is being removed when it is stopped', async () => {
      hold()
      const removed = pool.remove('rig')
      await pool.stop()
      await removed
      assert.equal(engine.closed, true)
    })
  })
})
