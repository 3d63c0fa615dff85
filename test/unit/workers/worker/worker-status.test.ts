import assert from 'node:assert/strict'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { workerStatus } from '../../../../workers/worker/worker-status.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('workerStatus', () => {
  let pool: WorkerPool
  let engine: FakeEngine
  beforeEach(async () => {
    pool = new WorkerPool({ clock: new ManualClock() })
    engine = new FakeEngine({ slots: 2 })
    await pool.start()
    await pool.add(engine, { name: 'rig', scope: 'home' })
  })
  afterEach(() => pool.stop())

  const status = () => workerStatus(pool.get('rig') ?? assert.fail('no worker'))

  it('says all of a worker that is well, and no reason', () => {
    assert.deepEqual(status(), {
      name: 'rig',
      engine: 'fake',
      url: 'http://127.0.0.1:1',
      healthy: true,
      health: 100,
      slots: 2,
      running: 0,
      models: ['tiny'],
      decodeRate: 0,
    })
  })

  it('says why it serves not even its owner', async () => {
    void pool.drain('rig')
    assert.deepEqual([status().healthy, status().reason], [false, 'draining'])
  })

  it('says why it serves only its owner, but not that others are none of its business', async () => {
    assert.equal(status().reason, undefined, 'that it is for the own nodes only is what the owner wanted')
    pool.pause()
    assert.deepEqual([status().healthy, status().reason], [true, 'paused by its owner'])
  })

  it('says why its models are not known', async () => {
    engine.models = async () => {
      throw new Error('half a list')
    }
    await pool.check()
    assert.deepEqual([status().healthy, status().reason], [true, 'half a list'])
  })
})
