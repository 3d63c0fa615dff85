import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { StayingIn } from '../../../../discovery/wake/staying-in.ts'
import { WAKE_LOOK_MS } from '../../../../discovery/wake/wake-watch.ts'
import { FakeLibp2p, newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

class NoConnections extends FakeLibp2p {
  override getConnections() {
    return []
  }
}

describe('StayingIn', () => {
  it('dials at once what is not connected after the machine slept, and again once dead connections are cut', async () => {
    const clock = new ManualClock()
    const libp2p = new NoConnections(await newPeerId())
    const own = (await newPeerId()).toString()
    const hurries: string[] = []
    const staying = new StayingIn({
      libp2p,
      table: { relation: () => 'stranger', onChange: () => () => {} },
      remembered: () => [{ id: own, relation: 'home', addresses: ['/ip4/192.168.1.7/tcp/1'], lastContactMs: 0 }],
      busy: () => new Set(),
      hurry: (upset) => hurries.push(upset),
      clock,
      log: silentLogger,
      interfaces: () => ({}),
    })
    await staying.start()
    await settled()
    libp2p.dials[0]?.fail()
    await settled()
    clock.stall(60_000)
    await settled()
    assert.deepEqual(hurries, ['held up', 'held up'])
    assert.ok(libp2p.dials.length >= 2)
    clock.advance(WAKE_LOOK_MS)
    assert.equal(hurries.length, 2)
    await staying.stop()
    assert.equal(clock.pending, 0)
  })
})
