import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { KeepConnected } from '../../../../discovery/contact/keep-connected.ts'
import { addressOf, FakeLibp2p, newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('keep connected', () => {
  let door: PeerId
  let libp2p: FakeLibp2p
  let clock: ManualClock
  let keeper: KeepConnected

  beforeEach(async () => {
    door = await newPeerId()
    libp2p = new FakeLibp2p(await newPeerId())
    clock = new ManualClock(0)
    const addresses = [addressOf(door), addressOf(door), addressOf(libp2p.peerId)]
    keeper = new KeepConnected({ libp2p: libp2p as never, clock, log: silentLogger }, { addresses, rng: () => 0.5 })
    await keeper.start()
    await settled()
  })

  afterEach(async () => {
    await keeper.stop()
    assert.equal(clock.pending, 0)
  })

  it('dials each peer once with all its addresses, never itself, and has it spared by libp2p', () => {
    assert.deepEqual(
      libp2p.dials.map(({ target }) => target),
      [door.toString()],
    )
    assert.deepEqual(libp2p.tagged, [door.toString()])
  })

  it('refuses an address that names no peer, with what to do about it', () => {
    for (const text of ['/ip4/192.0.2.7/tcp/4501', '/ip4/192.0.2.7/tcp/4501/p2p/abc']) {
      assert.throws(
        () =>
          new KeepConnected({ libp2p: libp2p as never, clock, log: silentLogger }, { addresses: [multiaddr(text)] }),
        { code: 'BAD_MULTIADDR', fix: /p2p/ },
      )
    }
  })

  it('names a peer that is not reached, and an address that is its own, until the connection is there', async () => {
    libp2p.dials[0]?.fail()
    await settled()
    assert.match(keeper.warnings().join(), /^bootstrap peer …\S{8} is not reached.*connection refused$/)
    libp2p.own = [multiaddr('/ip4/192.0.2.7/tcp/4501')]
    clock.advance(500)
    await settled()
    libp2p.dials[1]?.fail()
    await settled()
    assert.match(
      keeper.warnings().join(),
      /is this node itself: use the address that the other node has in the network/,
    )
    clock.advance(1_000)
    await settled()
    libp2p.dials[2]?.succeed()
    await settled()
    assert.deepEqual(keeper.warnings(), [])
  })

  it('tries for ever, waiting longer up to twenty seconds', async () => {
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      libp2p.dials.at(-1)?.fail()
      await settled()
      const before = clock.monotonic()
      const dials = libp2p.dials.length
      for (let waited = 0; waited < 2 * 60_000 && libp2p.dials.length === dials; waited += 500) {
        clock.advance(500)
        await settled()
      }
      waits.push(clock.monotonic() - before)
    }
    assert.deepEqual(waits.slice(0, 8), [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000])
    assert.deepEqual(waits.slice(8), [20_000, 20_000, 20_000, 20_000])
  })

  it('dials again when the connection is lost, and begins with short waits', async () => {
    libp2p.dials[0]?.succeed()
    await settled()
    assert.equal(clock.pending, 0)
    libp2p.disconnect(door)
    clock.advance(500)
    await settled()
    assert.equal(libp2p.dials.length, 2)
  })

  it('does not dial when the peer came by itself in the meantime', async () => {
    libp2p.dials[0]?.fail()
    await settled()
    libp2p.connect(door.toString())
    clock.advance(120_000)
    await settled()
    assert.equal(libp2p.dials.length, 1)
  })

  it('keeps other peers when it is told so: those that stay are not touched, those that are gone are let go', async () => {
    libp2p.dials[0]?.succeed()
    await settled()
    const other = await newPeerId()
    keeper.keep([addressOf(door), addressOf(other)])
    await settled()
    assert.deepEqual(
      libp2p.dials.map(({ target }) => target),
      [door.toString(), other.toString()],
    )
    keeper.keep([addressOf(other)])
    await settled()
    assert.deepEqual(
      keeper.peers().map(({ peer }) => peer),
      [other.toString()],
    )
    assert.deepEqual(libp2p.tagged, [other.toString()], 'libp2p need not spare the other any more')
    libp2p.disconnect(door)
    clock.advance(120_000)
    await settled()
    assert.equal(libp2p.dials.length, 2)
  })

  it('does not dial a peer again that was let go during a dial', async () => {
    keeper.keep([])
    libp2p.dials[0]?.fail()
    await settled()
    assert.equal(clock.pending, 0)
    clock.advance(120_000)
    await settled()
    assert.equal(libp2p.dials.length, 1)
  })

  it('keeps what it is told before it starts, and nothing of a list that cannot be read', async () => {
    await keeper.stop()
    const other = await newPeerId()
    keeper.keep([addressOf(other)])
    assert.throws(() => keeper.keep([multiaddr('/ip4/192.0.2.7/tcp/4501')]), { code: 'BAD_MULTIADDR' })
    await keeper.start()
    await settled()
    assert.equal(libp2p.dials.at(-1)?.target, other.toString())
  })

  it('ends a dial on its way when it stops, and dials no more', async () => {
    await keeper.stop()
    assert.ok(libp2p.dials[0]?.signal.aborted)
    await settled()
    libp2p.disconnect(door)
    clock.advance(120_000)
    await settled()
    assert.equal(libp2p.dials.length, 1)
  })
})
