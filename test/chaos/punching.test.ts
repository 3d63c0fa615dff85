import assert from 'node:assert/strict'
import { TwoHomes } from '../scenarios/two-homes.ts'
import { skip } from '../support/skip.ts'

describe('two rigs in two homes, behind NATs and firewalls', () => {
  let homes: TwoHomes | undefined

  before(function () {
    const obstacle = TwoHomes.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
  })

  afterEach(async () => {
    await homes?.stop()
    homes = undefined
  })

  it('answer each other over a relay, then directly by WebRTC, and end cleanly with such connections', async () => {
    homes = new TwoHomes()
    await homes.start()
    await homes.firstAnswer()
    assert.deepEqual(await homes.pathOf('direct'), { kind: 'direct', over: 'webrtc' })
    assert.equal((await homes.ask()).kind, 'done')
    const ended = await homes.stop()
    homes = undefined
    assert.deepEqual(ended, [0, 0])
  })

  it('are served over the relay where routers give a port to each connection, and know that it stays so', async () => {
    homes = new TwoHomes({ symmetric: [1, 2] })
    await homes.start()
    await homes.firstAnswer()
    await homes.hopeless()
    assert.equal((await homes.path())?.kind, 'relayed')
    assert.equal((await homes.ask()).kind, 'done')
  })
})
