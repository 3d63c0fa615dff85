import assert from 'node:assert/strict'
import { OpenAiEngine } from '../../../../engines/openai/openai-compatible.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { PoolBench } from '../../../support/pool-bench.ts'
import { chatQuery } from '../../../support/query.ts'

const { signal } = new AbortController()

describe('what a worker pool learns by probing', () => {
  let rig: PoolBench

  beforeEach(async () => {
    rig = await PoolBench.start()
  })
  afterEach(() => rig.stop())

  it('looks at an engine that asks upstream itself once in thirty seconds while it is idle', async () => {
    const { idleLookMs = 0 } = new OpenAiEngine({ kind: 'openai', url: 'http://127.0.0.1:1' })
    const proxy = Object.assign(new FakeEngine(), { idleLookMs })
    await rig.pool.add(proxy, { name: 'proxy' })
    await rig.nextProbe() // the first look at its load is behind it
    const before = proxy.probes
    for (let second = 0; second < 29; second += 1) rig.clock.advance(1_000)
    assert.equal(proxy.probes, before)
    rig.clock.advance(1_001)
    assert.equal(proxy.probes, before + 1)
  })

  it('tells of a model that appears', async () => {
    rig.engine.offered = [fakeModel('tiny'), fakeModel('large')]
    await rig.nextProbe()
    assert.equal(rig.changes, 1)
    assert.deepEqual(rig.modelNames, ['tiny', 'large'])
  })

  it('tells nothing when nothing changed', async () => {
    await rig.nextProbe()
    await rig.nextProbe()
    assert.equal(rig.changes, 0)
  })

  it('keeps no more models than a rig has, and no name twice', async () => {
    rig.engine.offered = [...Array.from({ length: 600 }, (_, i) => fakeModel(`m${i}`)), fakeModel('M0:latest')]
    await rig.nextProbe()
    assert.equal(rig.worker.models.all.length, 512)
    rig.engine.offered = [fakeModel('x'), fakeModel('X:latest'), fakeModel('y'.repeat(201)), fakeModel('')]
    await rig.nextProbe()
    assert.deepEqual(rig.modelNames, ['x'])
  })

  describe('load', () => {
    it("follows the engine's slots and what it runs for others", async () => {
      rig.engine.loadReport = { slots: 4, running: 4 }
      await rig.nextProbe()
      assert.equal(rig.worker.slots.slots, 4)
      assert.equal(rig.worker.availability('own'), 'busy')
      const before = rig.slotsFreed
      rig.engine.loadReport = { slots: 4, running: 0 }
      await rig.nextProbe()
      assert.equal(rig.worker.availability('own'), 'free')
      assert.ok(rig.slotsFreed > before)
    })

    it('goes on counting by itself when the engine does not tell', async () => {
      rig.engine.loadReport = undefined
      await rig.nextProbe()
      const leases = [rig.hold(), rig.hold()]
      assert.equal(rig.worker.availability('own'), 'busy')
      for (const lease of leases) lease.release()
      assert.equal(rig.worker.availability('own'), 'free')
    })

    it('measures what it serves', async () => {
      rig.engine.script = (run) => run.text('a').end({ timings: { decodeTokensPerSecond: 42 } })
      const lease = rig.hold()
      const events = await collect(lease.run(chatQuery(), { signal }))
      lease.release()
      assert.equal(events[0]?.kind, 'start')
      assert.equal(textOf(events), 'a')
      assert.equal(rig.pool.status()[0]?.decodeRate, 42)
    })

    it('knows which models are in memory', async () => {
      rig.engine.loadReport = { warmModels: ['other'] }
      await rig.nextProbe()
      assert.equal(rig.worker.models.isWarm('tiny'), false)
      rig.engine.script = (run) => run.end()
      const lease = rig.hold()
      await collect(lease.run(chatQuery(), { signal }))
      lease.release()
      assert.equal(rig.worker.models.isWarm('tiny'), true)
    })
  })
})
