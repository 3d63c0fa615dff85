import assert from 'node:assert/strict'
import type { EngineReport } from '../../../../workers/worker/engine-check.ts'
import { EngineWatch } from '../../../../workers/worker/engine-watch.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('EngineWatch', () => {
  let clock: ManualClock
  let engine: FakeEngine
  let reports: EngineReport[]
  let watch: EngineWatch

  beforeEach(() => {
    clock = new ManualClock()
    engine = new FakeEngine()
    reports = []
    watch = new EngineWatch(
      { engine, clock },
      {
        modelsEveryMs: 10_000,
        nextMs: () => 1_000,
        beforeLoad: () => {},
        onReport: (report) => reports.push(report),
      },
    )
  })
  afterEach(() => {
    watch.stop()
    assert.equal(clock.pending, 0, 'a timer is left')
  })

  /** Lets the look that is due happen. */
  const next = async (ms = 1_000): Promise<void> => {
    clock.advance(ms)
    await watch.look()
  }

  it('has looked when its start resolves, and looks again when its time comes', async () => {
    await watch.start()
    assert.equal(engine.probes, 1)
    clock.advance(999)
    assert.equal(engine.probes, 1)
    clock.advance(1)
    assert.equal(engine.probes, 2)
    await watch.look()
  })

  it('asks for the models at first, and then ever ten seconds', async () => {
    await watch.start()
    for (let second = 1; second <= 11; second += 1) await next()
    const asked = reports.flatMap(({ models }, i) => (models === undefined ? [] : i))
    assert.equal(asked[0], 0)
    assert.equal(asked.length, 2)
  })

  it('asks for the models again as soon as an engine that was away is back', async () => {
    await watch.start()
    engine.trouble = new Error('gone')
    await watch.look({ models: true })
    engine.trouble = undefined
    await watch.look()
    assert.notEqual(reports.at(-1)?.models, undefined)
  })

  it('joins the look under way, and asks for models after it', async () => {
    await watch.start()
    await Promise.all([watch.look(), watch.look()])
    assert.equal(engine.probes, 2)
    await Promise.all([watch.look(), watch.look({ models: true })])
    assert.equal(engine.probes, 4)
    assert.notEqual(reports.at(-1)?.models, undefined)
  })

  it('reports nothing once it is stopped, and does not look', async () => {
    engine.trouble = 'never'
    const started = watch.start()
    watch.stop()
    await started
    await watch.look({ models: true })
    assert.deepEqual(reports, [])
    assert.equal(engine.probes, 1)
  })
})
