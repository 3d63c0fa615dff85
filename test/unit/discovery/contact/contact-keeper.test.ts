import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import type { Relation } from '../../../../core/scope.ts'
import { ContactKeeper } from '../../../../discovery/contact/contact-keeper.ts'
import type { PeerHint } from '../../../../discovery/contact/peer-dialer.ts'
import type { RememberedPeer } from '../../../../discovery/contact/remembered-peers.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ADDRESS = '/ip4/192.0.2.7/tcp/4501'

function setUp(relation: Relation, list: readonly RememberedPeer[] = []) {
  const clock = new ManualClock()
  const table = new PeerTable({
    routing: new RoutingView(),
    clock,
    judge: () => ({ relation, until: Number.POSITIVE_INFINITY }),
  })
  const noted: Omit<RememberedPeer, 'lastContactMs'>[] = []
  const suggested: PeerHint[] = []
  /** What libp2p was told, in order: whose addresses may be dialled, and whom it keeps alive. */
  const steps: string[] = []
  const named: string[] = []
  const libp2p = {
    getConnections: () => [{ direction: 'outbound' as const, remoteAddr: multiaddr(ADDRESS) }],
    peerStore: {
      get: async () => ({ addresses: [] }),
      merge: async (peer: PeerId) => {
        steps.push(`keeps ${peer.toString()}`)
      },
    },
  }
  const keeper = new ContactKeeper({
    libp2p,
    table,
    remembered: { list: () => list, note: (peer) => noted.push(peer) },
    dialer: { suggest: (hint) => suggested.push(hint) > 0 },
    dialGate: { tell: (addresses: readonly Multiaddr[]) => steps.push(`told ${addresses.join()}`) },
    name: (way, peer) => named.push(`${way} ${peer}`),
    log: silentLogger,
  })
  const meet = async (): Promise<string> => {
    const id = (await newPeerId()).toString()
    table.setConnected(id, true, '192.0.2.0/24')
    table.setCard(testCard(id))
    return id
  }
  return { table, noted, suggested, steps, named, keeper, meet }
}

describe('contact keeper', () => {
  it('notes where a connected peer can be found again, and where it truly was', async () => {
    const { noted, steps, keeper, meet } = setUp('friend')
    const id = await meet()
    await keeper.note(id)
    assert.deepEqual(noted, [{ id, relation: 'friend', addresses: [ADDRESS], subnet: '192.0.2.0/24' }])
    assert.deepEqual(steps, [])
  })

  it('lets addresses of own nodes be dialled wherever they lead, before libp2p is told to keep them alive', async () => {
    const { steps, keeper, meet } = setUp('home')
    const id = await meet()
    await keeper.note(id)
    assert.deepEqual(steps, [`told ${ADDRESS}`, `keeps ${id}`])
  })

  it('notes nobody who is gone or has shown no card, and survives an id that is nonsense', async () => {
    const { table, noted, keeper, meet } = setUp('stranger')
    const gone = await meet()
    table.setConnected(gone, false)
    table.setConnected('no card', true)
    table.setCard(testCard('nonsense'))
    table.setConnected('nonsense', true)
    for (const id of [gone, 'no card', 'nonsense', 'never seen']) await keeper.note(id)
    assert.deepEqual(noted, [])
  })

  it('notes all that are connected at once', async () => {
    const { noted, keeper, meet } = setUp('stranger')
    const ids = [await meet(), await meet()]
    await keeper.noteConnected()
    assert.deepEqual(noted.map(({ id }) => id).toSorted(), ids.toSorted())
  })

  it('dials the best of the remembered, and trusts the addresses of own ones only', async () => {
    const remembered = Array.from({ length: 20 }, (_, i) => ({
      id: `p${i}`,
      relation: i === 0 ? ('home' as const) : ('stranger' as const),
      addresses: [ADDRESS],
      lastContactMs: 0,
    }))
    const { suggested, steps, named, keeper } = setUp('stranger', remembered)
    keeper.dialRemembered()
    assert.deepEqual(
      suggested.map(({ id }) => id),
      remembered.slice(0, 16).map(({ id }) => id),
    )
    assert.deepEqual(steps, [`told ${ADDRESS}`])
    assert.deepEqual([named.length, named[0]], [16, 'remembered p0'])
  })
})
