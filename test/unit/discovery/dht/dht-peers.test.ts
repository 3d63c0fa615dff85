import assert from 'node:assert/strict'
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import { DhtPeers, OFFER_AGAIN_MS } from '../../../../discovery/dht/dht-peers.ts'
import { HOLDERS } from '../../../../discovery/dht/walk-progress.ts'
import { newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

class FakeTopologies extends EventTarget {
  readonly topologies = new Map<string, Topology>()

  async register(protocol: string, topology: Topology): Promise<string> {
    this.topologies.set(protocol, topology)
    return protocol
  }

  unregister(id: string): void {
    this.topologies.delete(id)
  }
}

function setUp() {
  const clock = new ManualClock(0)
  const libp2p = new FakeTopologies()
  const offered: string[] = []
  const state = { size: 0, inTable: new Set<string>() }
  const routingTable = {
    get size() {
      return state.size
    },
    find: async (peer: PeerId) => (state.inTable.has(peer.toString()) ? peer : undefined),
    queueRoutingTableUpdate: (peer: PeerId) => {
      offered.push(peer.toString())
    },
  }
  const peers = new DhtPeers({ libp2p, clock, dht: { protocol: '/kad', routingTable } })
  const connect = (peer: PeerId): void => {
    libp2p.topologies.get('/kad')?.onConnect?.(peer, {} as Connection)
  }
  const disconnect = (peer: PeerId): void => {
    libp2p.dispatchEvent(new CustomEvent('peer:disconnect', { detail: peer }))
  }
  return { clock, libp2p, offered, state, peers, connect, disconnect }
}

describe('connected peers that serve the DHT', () => {
  let a: PeerId
  let b: PeerId
  before(async () => {
    a = await newPeerId()
    b = await newPeerId()
  })

  it('are those that speak its protocol, until they leave', async () => {
    const { peers, connect, disconnect } = setUp()
    await peers.start()
    connect(a)
    connect(b)
    connect(a)
    assert.deepEqual(peers.connected, [a, b])
    disconnect(a)
    assert.deepEqual(peers.connected, [b])
    await peers.stop()
    assert.deepEqual(peers.connected, [])
  })

  it('are offered to the routing table again while they are missing there', async () => {
    const { clock, offered, state, peers, connect } = setUp()
    await peers.start()
    connect(a)
    connect(b)
    state.inTable.add(b.toString())
    clock.advance(OFFER_AGAIN_MS)
    await settled()
    assert.deepEqual(offered, [a.toString()])
    clock.advance(OFFER_AGAIN_MS)
    await settled()
    assert.deepEqual(offered, [a.toString(), a.toString()])
  })

  it('are left to kad-dht once its table has enough, and when it is over', async () => {
    const { clock, libp2p, offered, state, peers, connect } = setUp()
    await peers.start()
    connect(a)
    state.size = HOLDERS
    clock.advance(OFFER_AGAIN_MS)
    await settled()
    assert.deepEqual(offered, [])
    await peers.stop()
    assert.equal(clock.pending, 0)
    assert.equal(libp2p.topologies.size, 0)
  })
})
