import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { EngineReport } from '../../../../workers/worker/engine-check.ts'
import { EngineWatch } from '../../../../workers/worker/engine-watch.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const GONE = new RealmeshError('ENGINE_FAILED', 'cannot be reached', {
  cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
})

describe('a watch over an engine that is idle, away or silent about its models', () => {
  const clock = new ManualClock()
  let engine: FakeEngine
  let watch: EngineWatch
  let reports: EngineReport[]
  let idle: boolean
  let told = Promise.withResolvers<void>()

  beforeEach(async () => {
    engine = new FakeEngine()
    reports = []
    idle = false
    watch = new EngineWatch(
      { engine, clock },
      {
        nextMs: () => 1_200,
        idle: () => idle,
        beforeLoad: () => {},
        onReport: (report) => {
          reports.push(report)
          told.resolve()
          told = Promise.withResolvers()
        },
      },
    )
    await watch.start()
  })

  afterEach(() => watch.stop())

  /** Moves the clock and waits for the look that this brings. */
  async function lookAfter(ms: number): Promise<EngineReport | undefined> {
    const next = told.promise
    clock.advance(ms)
    await next
    await new Promise(setImmediate) // the next look is planned behind the report
    return reports.at(-1)
  }

  it('looks at an engine that is used once in the time that it is told', async () => {
    clock.advance(1_199)
    assert.equal(engine.probes, 1)
    await lookAfter(1)
    assert.equal(engine.probes, 2)
  })

  it('looks at an idle engine once in five seconds', async () => {
    idle = true
    await lookAfter(1_200)
    clock.advance(4_999)
    assert.equal(engine.probes, 2)
    await lookAfter(1)
    assert.equal(engine.probes, 3)
  })

  it('looks sooner at an engine that is used again, and no sooner at one that is due anyhow', async () => {
    idle = true
    await lookAfter(1_200)
    idle = false
    watch.lookWithin(1_200)
    clock.advance(800)
    watch.lookWithin(1_200)
    clock.advance(399)
    assert.equal(engine.probes, 2)
    await lookAfter(1)
    assert.equal(engine.probes, 3)
  })

  it('asks an engine that was away for its models at once, though their time had not come', async () => {
    engine.trouble = GONE
    await lookAfter(1_200)
    engine.trouble = undefined
    engine.offered = [fakeModel('another')]
    const report = await lookAfter(1_200)
    assert.deepEqual(
      report?.models?.map(({ name }) => name),
      ['another'],
    )
  })

  it('asks once more, soon, for models that were not told, and then in its usual time', async () => {
    engine.models = () => Promise.reject(new RealmeshError('ENGINE_FAILED', 'no list today'))
    void watch.look({ models: true })
    await lookAfter(0)
    assert.equal(reports.at(-1)?.modelsMessage, 'no list today')
    assert.equal(reports.at(-1)?.models, undefined)
    await lookAfter(300)
    clock.advance(300)
    assert.equal(reports.length, 3)
    await lookAfter(900)
    assert.equal(reports.at(-1)?.modelsMessage, 'no list today')
  })

  it('takes a list that is refused for one without models', async () => {
    engine.models = () => Promise.reject(new RealmeshError('ENGINE_FAILED', 'vllm answered 401', { retryable: false }))
    await watch.look({ models: true })
    assert.deepEqual([reports.at(-1)?.models, reports.at(-1)?.modelsMessage], [[], 'vllm answered 401'])
  })

  it('tells the engine which models the owner names', async () => {
    const asked: unknown[] = []
    engine.models = async (options) => {
      asked.push((options as { named?: unknown }).named)
      return []
    }
    const other = new EngineWatch(
      { engine, clock },
      { nextMs: () => 1_200, named: () => ['by hand'], beforeLoad: () => {}, onReport: () => {} },
    )
    await other.start()
    other.stop()
    assert.deepEqual(asked, [['by hand']])
  })
})
