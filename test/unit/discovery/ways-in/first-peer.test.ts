import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { FirstPeerWatch } from '../../../../discovery/ways-in/first-peer.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const HERE = multiaddr('/ip4/192.0.2.7/tcp/4501')
const THERE = multiaddr('/ip4/192.0.2.8/tcp/4501')

describe('first peer', () => {
  let clock: ManualClock
  let table: PeerTable
  let watch: FirstPeerWatch
  let peer: string
  let connectedAt = HERE

  beforeEach(async () => {
    clock = new ManualClock()
    table = new PeerTable({
      routing: new RoutingView(),
      clock,
      judge: () => ({ relation: 'home', until: Number.POSITIVE_INFINITY }),
    })
    connectedAt = HERE
    watch = new FirstPeerWatch({ libp2p: { getConnections: () => [{ remoteAddr: connectedAt }] }, table, clock })
    peer = (await newPeerId()).toString()
    await watch.start()
  })
  afterEach(() => watch.stop())

  it('is the first that tells that it is a node of ours, with its way and the time since the start', async () => {
    assert.equal(watch.first, undefined)
    watch.name('mdns', peer, [HERE])
    clock.advance(812)
    table.setConnected(peer, true)
    assert.deepEqual(watch.first, { way: 'mdns', peer, afterMs: 812 })
    clock.advance(1_000)
    const later = (await newPeerId()).toString()
    watch.name('bootstrap', later, [HERE])
    table.setConnected(later, true)
    assert.deepEqual(watch.first, { way: 'mdns', peer, afterMs: 812 })
  })

  it('came by the way whose address answered, where several ways named it', () => {
    watch.name('remembered', peer, [THERE])
    watch.name('bootstrap', peer, [multiaddr(`${HERE.toString()}/p2p/${peer}`)])
    table.setConnected(peer, true)
    assert.equal(watch.first?.way, 'bootstrap')
  })

  it('came by the way that named it first, where it answered from elsewhere', () => {
    connectedAt = multiaddr('/ip4/203.0.113.1/tcp/40000')
    watch.name('remembered', peer, [THERE])
    watch.name('bootstrap', peer, [HERE])
    table.setConnected(peer, true)
    assert.equal(watch.first?.way, 'remembered')
  })

  it('called this node, where nobody had named it', () => {
    table.setConnected(peer, true)
    assert.equal(watch.first?.way, 'called')
  })

  it('is counted anew after a restart', async () => {
    table.setConnected(peer, true)
    await watch.stop()
    table.setConnected(peer, false)
    await watch.start()
    assert.equal(watch.first, undefined)
    clock.advance(5)
    table.setConnected(peer, true)
    assert.deepEqual(watch.first, { way: 'called', peer, afterMs: 5 })
  })
})
