import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { checkEngine, type EngineCheckOptions, MAX_MODELS_PER_WORKER } from '../../../../workers/worker/engine-check.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const { signal } = new AbortController()
const ALL: EngineCheckOptions = { models: true, load: true, timeoutMs: 2_000, signal }

describe('checkEngine', () => {
  let clock: ManualClock
  let engine: FakeEngine
  beforeEach(() => {
    clock = new ManualClock()
    engine = new FakeEngine()
  })
  afterEach(() => {
    assert.equal(clock.pending, 0, 'a timer is left')
  })

  it('reports models and load of an engine that answers, and asks for no more than wanted', async () => {
    engine.loadReport = { slots: 3 }
    assert.deepEqual(await checkEngine(engine, clock, ALL), {
      outcome: 'answered',
      models: [fakeModel('tiny')],
      load: { slots: 3 },
    })
    assert.deepEqual(await checkEngine(engine, clock, { ...ALL, models: false, load: false }), { outcome: 'answered' })
  })

  it('asks nothing more of an engine that is not well', async () => {
    engine.trouble = new RealmeshError('ENGINE_BUSY', 'full')
    engine.models = () => assert.fail('asked')
    assert.deepEqual(await checkEngine(engine, clock, ALL), { outcome: 'busy', message: 'full' })
  })

  it('says that it was silent once the time is over', async () => {
    engine.trouble = 'never'
    const report = checkEngine(engine, clock, ALL)
    clock.advance(2_000)
    assert.deepEqual(await report, {
      outcome: 'silent',
      message: 'fake at http://127.0.0.1:1: no answer within 2000 ms',
    })
  })

  it('counts an engine as answering that tells neither models nor load, and says why', async () => {
    engine.models = async () => {
      throw new Error('half a list')
    }
    engine.loadReport = undefined
    assert.deepEqual(await checkEngine(engine, clock, ALL), { outcome: 'answered', modelsMessage: 'half a list' })
  })

  it('keeps no name twice, no name that is none, and no more than a rig has', async () => {
    engine.offered = ['a', 'A:latest', '', 'x'.repeat(1_000), 'b'].map((name) => fakeModel(name))
    const named = (await checkEngine(engine, clock, ALL)).models?.map(({ name }) => name)
    assert.deepEqual(named, ['a', 'b'])
    engine.offered = Array.from({ length: MAX_MODELS_PER_WORKER + 1 }, (_, i) => fakeModel(`m${i}`))
    assert.equal((await checkEngine(engine, clock, ALL)).models?.length, MAX_MODELS_PER_WORKER)
  })
})
