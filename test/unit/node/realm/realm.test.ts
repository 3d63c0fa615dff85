import assert from 'node:assert/strict'
import { Realm } from '../../../../node/realm/realm.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { collect } from '../../../support/collect.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const own = { signal: new AbortController().signal, asker: 'own' } as const

describe('Realm', () => {
  async function setUp() {
    const clock = new ManualClock()
    const pool = new WorkerPool({ clock })
    await pool.start()
    const engine = new FakeEngine()
    await pool.add(engine, { name: 'rig', slots: 1, scope: 'home' })
    const config = defaultConfig().realms.find(({ name }) => name === '$CHAT') ?? assert.fail()
    const realm = new Realm({ pool, clock, onLoadChange: () => {} }, { config, types: ['chat'], node: 'me' })
    return { realm, engine }
  }

  it('is a candidate without a wait while a slot is free', async () => {
    const { realm } = await setUp()
    const option = realm.localOption(chatQuery(), own)
    assert.deepEqual([option?.model, option?.load.queued, option?.load.estimatedWaitMs], ['tiny', 0, 0])
  })

  it('is a candidate with the wait that its queue means when all slots are busy', async () => {
    const { realm, engine } = await setUp()
    const [running, waiting] = [realm, realm].map(({ processor }) => processor.run(chatQuery(), own))
    await running?.next()
    await waiting?.next()
    const option = realm.localOption(chatQuery(), own)
    assert.deepEqual([option?.load.running, option?.load.queued, option?.load.estimatedWaitMs], [1, 1, 4_000])
    await waiting?.return()
    engine.runs[0]?.end()
    await running?.return()
  })

  it('is no candidate for what its workers do not have, or not for this asker', async () => {
    const { realm } = await setUp()
    assert.equal(realm.localOption(chatQuery({ model: 'none' }), own), undefined)
    assert.equal(realm.localOption(chatQuery(), { asker: 'stranger' }), undefined)
    assert.equal(realm.localOption(chatQuery(), { asker: 'own', exclude: new Set(['rig']) }), undefined)
  })

  it('drains: nothing new is taken, what runs ends, and then it is over', async () => {
    const { realm, engine } = await setUp()
    const running = collect(realm.processor.run(chatQuery(), own))
    await new Promise((resolve) => setImmediate(resolve))
    let drained = false
    const draining = realm.drain().then(() => {
      drained = true
    })
    await assert.rejects(collect(realm.processor.run(chatQuery(), own)), { code: 'DRAINING' })
    assert.equal(drained, false)
    engine.runs[0]?.text('x').end()
    await Promise.all([running, draining])
  })
})
