import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { BootstrapDoors, RESOLVE_AGAIN_MS } from '../../../../discovery/ways-in/bootstrap-doors.ts'
import { addressOf, FakeLibp2p, newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const NAME = multiaddr('/dnsaddr/swarm.example.org')

describe('bootstrap doors', () => {
  let one: PeerId
  let other: PeerId
  let libp2p: FakeLibp2p
  let clock: ManualClock
  let told: string[]
  let named: string[]
  let records: readonly string[]
  let doors: BootstrapDoors

  beforeEach(async () => {
    one = await newPeerId()
    other = await newPeerId()
    libp2p = new FakeLibp2p(await newPeerId())
    clock = new ManualClock(0)
    told = []
    named = []
    records = []
  })
  afterEach(async () => {
    await doors.stop()
    assert.equal(clock.pending, 0)
  })

  const open = async (addresses: readonly Multiaddr[]): Promise<void> => {
    doors = new BootstrapDoors(
      {
        libp2p: libp2p as never,
        clock,
        log: silentLogger,
        tell: (all) => told.push(...all.map(String)),
        name: (way, peer) => named.push(`${way} ${peer}`),
        resolver: {
          resolveTxt: async () => {
            if (records.length === 0) throw Object.assign(new Error('queryTxt'), { code: 'ENOTFOUND' })
            return records.map((address) => [`dnsaddr=${address}`])
          },
          cancel: () => {},
        },
      },
      { addresses, rng: () => 0.5 },
    )
    await doors.start()
    await settled()
  }
  const dialled = (): readonly string[] => libp2p.dials.map(({ target }) => target)

  it('dial addresses at once and names once they are resolved, each vouched for and named before', async () => {
    records = [addressOf(other).toString()]
    await open([addressOf(one), NAME])
    assert.deepEqual(dialled(), [one.toString(), other.toString()])
    assert.ok([one, other].every((peer) => told.includes(addressOf(peer).toString())))
    assert.ok([one, other].every((peer) => named.includes(`bootstrap ${peer.toString()}`)))
    assert.equal(doors.hasAny, true)
  })

  it('say that a name is not resolved, and ask again until it is', async () => {
    await open([NAME])
    assert.match(doors.warnings().join(), /name is not resolved.*swarm\.example\.org: there is no such name/)
    records = [addressOf(one).toString()]
    clock.advance(1_000)
    await settled()
    assert.deepEqual(doors.warnings(), [])
    assert.deepEqual(dialled(), [one.toString()])
  })

  it('follow a name whose peers have moved, and hold what it listed while it is not resolved', async () => {
    records = [addressOf(one).toString()]
    await open([NAME])
    records = []
    clock.advance(RESOLVE_AGAIN_MS)
    await settled()
    assert.deepEqual(
      doors.peers().map(({ peer }) => peer),
      [one.toString()],
    )
    records = [addressOf(other).toString()]
    clock.advance(60_000)
    await settled()
    assert.deepEqual(
      doors.peers().map(({ peer }) => peer),
      [other.toString()],
    )
  })

  it('hold others from one moment to the next, and refuse an address that names no peer', async () => {
    await open([addressOf(one)])
    assert.throws(() => doors.keep([multiaddr('/ip4/192.0.2.7/tcp/4501')]), { code: 'BAD_MULTIADDR' })
    assert.deepEqual(
      doors.peers().map(({ peer }) => peer),
      [one.toString()],
    )
    records = [addressOf(other).toString()]
    doors.keep([NAME])
    await settled()
    assert.deepEqual(
      doors.peers().map(({ peer }) => peer),
      [other.toString()],
    )
    doors.keep([])
    assert.equal(doors.hasAny, false)
  })

  it('tell of a peer that is not reached why, and when it is tried again', async () => {
    await open([addressOf(one)])
    libp2p.dials[0]?.fail()
    await settled()
    assert.deepEqual(
      doors.peers().map(({ connected, cause, nextTryMs }) => ({ connected, cause, nextTryMs })),
      [{ connected: false, cause: 'connection refused', nextTryMs: 500 }],
    )
    assert.match(doors.warnings().join(), /\(next try in 1 s\): connection refused/)
  })
})
