import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { RememberedPeer } from '../../../../discovery/contact/remembered-peers.ts'
import type { PeerChange } from '../../../../discovery/peers/peer-table.ts'
import { addressesOfCircle, CircleKeeper, MAX_KEPT_PEERS } from '../../../../discovery/wake/circle-keeper.ts'
import { FakeLibp2p, newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const LAN = '/ip4/192.168.1.7/tcp/4501'

function remembered(id: string, relation: RememberedPeer['relation'], addresses = [LAN]): RememberedPeer {
  return { id, relation, addresses, lastContactMs: 0 }
}

async function setUp() {
  const clock = new ManualClock()
  const libp2p = new FakeLibp2p(await newPeerId())
  const known: RememberedPeer[] = []
  let tell = (_change: PeerChange): void => {}
  const table = {
    relation: () => 'stranger' as const,
    onChange: (listener: (change: PeerChange) => void) => {
      tell = listener
      return () => {
        tell = () => {}
      }
    },
  }
  const circle = new CircleKeeper({ libp2p, table, remembered: () => known, clock, log: silentLogger })
  return { clock, libp2p, known, circle, tell: (change: PeerChange) => tell(change) }
}

describe('CircleKeeper', () => {
  it('dials own nodes and friends that were met before, again and again', async () => {
    const { clock, libp2p, known, circle } = await setUp()
    const own = (await newPeerId()).toString()
    known.push(remembered(own, 'home'), remembered((await newPeerId()).toString(), 'stranger'))
    await circle.start()
    await settled()
    for (let tries = 1; tries < 40; tries += 1) {
      assert.deepEqual(libp2p.dials.length, tries)
      libp2p.dials.at(-1)?.fail()
      await settled()
      clock.advance(24_000)
      await settled()
    }
    assert.ok(libp2p.dials.every(({ target }) => target === own))
    await circle.stop()
    assert.equal(clock.pending, 0)
  })

  it('dials at once, whatever failed before, when this node was away', async () => {
    const { libp2p, known, circle } = await setUp()
    known.push(remembered((await newPeerId()).toString(), 'friend'))
    await circle.start()
    await settled()
    libp2p.dials[0]?.fail()
    await settled()
    circle.hurry()
    await settled()
    assert.equal(libp2p.dials.length, 2)
    circle.hurry() // a dial is under way
    await settled()
    assert.equal(libp2p.dials.length, 2)
    libp2p.dials[1]?.succeed()
    await settled()
    circle.hurry() // it is connected
    await settled()
    assert.equal(libp2p.dials.length, 2)
    await circle.stop()
  })

  it('takes in one that joined meanwhile', async () => {
    const { clock, known, circle, tell } = await setUp()
    await circle.start()
    const own = (await newPeerId()).toString()
    known.push(remembered(own, 'home'))
    tell({ kind: 'card', id: own })
    tell({ kind: 'relation', id: own })
    clock.advance(1_000)
    assert.deepEqual(circle.peers, [own])
    await circle.stop()
    assert.equal(clock.pending, 0)
  })
})

describe('the circle that is kept', () => {
  it('is the best own nodes and friends, each address with its peer, without this node', async () => {
    const ids = await Promise.all(
      Array.from({ length: MAX_KEPT_PEERS + 3 }, async () => (await newPeerId()).toString()),
    )
    const [self = '', ...others] = ids
    const relay = (await newPeerId()).toString()
    const relayed = `/ip4/203.0.113.9/tcp/1/p2p/${relay}/p2p-circuit`
    const met = [remembered(self, 'home'), ...others.map((id) => remembered(id, 'home', [LAN, relayed]))]
    const addresses = addressesOfCircle(met, self).map(String)
    assert.equal(addresses.length, 2 * MAX_KEPT_PEERS)
    assert.deepEqual(addresses.slice(0, 2), [`${LAN}/p2p/${others[0]}`, `${relayed}/p2p/${others[0]}`])
  })
})
