/** What a rig does on SIGTERM: nothing new begins there, what runs is finished, and a second SIGTERM ends it now. */
import assert from 'node:assert/strict'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm } from '../support/daemon-swarm.ts'

describe('a draining rig', () => {
  let swarm: DaemonSwarm

  beforeEach(() => {
    swarm = new DaemonSwarm()
  })

  afterEach(() => swarm.stop())

  it('finishes what runs, gets nothing more, and is not asked again', async () => {
    await swarm.start([{ knobs: { pauseAfter: 3 } }])
    const [rig] = swarm.rigs
    assert.ok(rig !== undefined)
    const running = swarm.ask()
    await rig.stub.journal.waitFor('start')
    const stopped = rig.daemon.stop('SIGTERM')
    await eventually('the asker knows', async () => (await swarm.asker.peers()).every((peer) => peer.draining))
    const refused = await swarm.ask({ id: 'too-late' })
    assert.equal(refused.status, 503, refused.kind)
    rig.stub.release()
    assert.equal((await running).kind, 'done')
    assert.deepEqual(await stopped, { code: 0, signal: null })
    assert.equal(rig.stub.journal.count('start'), 1)
    await swarm.check()
  })

  it('ends now on a second SIGTERM, and what ran there goes on elsewhere', async () => {
    await swarm.start([{ knobs: { pauseAfter: 3 } }])
    const [rig] = swarm.rigs
    assert.ok(rig !== undefined)
    let begun = false
    const running = swarm.ask({
      onPiece: () => {
        begun = true
      },
    })
    await eventually('the answer has begun', () => begun)
    const other = await swarm.addRig()
    await swarm.allKnown([other.daemon])
    rig.daemon.child.kill('SIGTERM')
    await eventually('it drains', () => /draining/.test(rig.daemon.stderr()))
    const ended = await rig.daemon.stop('SIGTERM')
    assert.deepEqual(ended, { code: 143, signal: null })
    assert.equal((await running).kind, 'done')
    const { continued } = await swarm.check()
    assert.equal(continued, 1)
  })
})
