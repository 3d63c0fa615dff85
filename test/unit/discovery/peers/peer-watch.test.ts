import assert from 'node:assert/strict'
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { PeerWatch } from '../../../../discovery/peers/peer-watch.ts'
import { STRANGER } from '../../../../discovery/peers/standing.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const PROTOCOL = '/realmesh/test/card/1.0.0'

function peerId(id: string): PeerId {
  return { toString: () => id } as PeerId
}

function connection(id: string, overrides: Partial<Connection> = {}): Connection {
  const remoteAddr = multiaddr('/ip4/192.0.2.7/tcp/4501')
  return {
    remotePeer: peerId(id),
    remoteAddr,
    status: 'open',
    direction: 'outbound',
    direct: true,
    ...overrides,
  } as Connection
}

class FakeHost extends EventTarget {
  readonly topologies = new Map<string, Topology>()
  connections: Connection[] = []

  async register(protocol: string, topology: Topology): Promise<string> {
    this.topologies.set(protocol, topology)
    return protocol
  }

  unregister(id: string): void {
    this.topologies.delete(id)
  }

  getConnections(peer?: PeerId): Connection[] {
    if (peer === undefined) return this.connections
    return this.connections.filter(({ remotePeer }) => remotePeer.toString() === peer.toString())
  }

  /** Identify has told what the peer speaks. */
  identified(opened: Connection): void {
    this.topologies.get(PROTOCOL)?.onConnect?.(opened.remotePeer, opened)
  }

  tell(type: 'connection:open' | 'connection:close' | 'peer:disconnect', detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

async function setUp() {
  const clock = new ManualClock(0)
  const host = new FakeHost()
  const table = new PeerTable({ routing: new RoutingView(), clock, judge: () => STRANGER })
  const joined: string[] = []
  const fetched: string[] = []
  const cards = {
    fetch: async (peer: string) => {
      fetched.push(peer)
      return undefined
    },
  }
  const watch = new PeerWatch(
    { libp2p: host as never, table, cards, onJoin: (peer) => joined.push(peer.toString()) },
    { cardProtocol: PROTOCOL },
  )
  await watch.start()
  return { clock, host, table, joined, fetched, watch }
}

describe('peer watch', () => {
  it('takes in a peer that speaks the card protocol, with where it is, and has its card fetched', async () => {
    const { host, table, joined, fetched } = await setUp()
    host.identified(connection('a', { remoteAddr: multiaddr('/ip4/198.51.100.9/tcp/1') }))
    assert.equal(table.get('a')?.connected, true)
    assert.equal(table.get('a')?.subnet, '198.51.100.0/24')
    assert.deepEqual([joined, fetched], [['a'], ['a']])
  })

  it('marks a peer that is gone at once', async () => {
    const { host, table } = await setUp()
    host.identified(connection('a'))
    host.tell('peer:disconnect', peerId('a'))
    assert.equal(table.get('a')?.connected, false)
  })

  it('takes a peer for connected again that was silent and speaks, as long as there is a connection', async () => {
    const { host, table, watch } = await setUp()
    watch.speaks(peerId('a'))
    assert.equal(table.size, 0)
    const opened = connection('a', { remoteAddr: multiaddr('/ip4/198.51.100.9/tcp/1') })
    host.identified(opened)
    table.setConnected('a', false)
    watch.speaks(peerId('a'))
    assert.equal(table.get('a')?.connected, false)
    host.connections = [opened]
    watch.speaks(peerId('a'))
    assert.deepEqual([table.get('a')?.connected, table.get('a')?.subnet], [true, '198.51.100.0/24'])
  })

  it('takes over the round trips that were measured', async () => {
    const { host, table, watch } = await setUp()
    table.setCard(testCard('a'))
    host.connections = [connection('a', { rtt: 40 }), connection('b')]
    watch.readRoundTrips()
    assert.equal(table.get('a')?.rttMs, 40)
  })

  it('tells the best way to each peer as connections come and go, and its round trip only', async () => {
    const { host, table, watch } = await setUp()
    const relayed = connection('a', { remoteAddr: multiaddr('/ip4/192.0.2.7/tcp/4501/p2p-circuit'), rtt: 9 })
    const lan = connection('a', { remoteAddr: multiaddr('/ip4/192.168.1.7/tcp/4501'), rtt: 40 })
    host.connections = [relayed]
    host.identified(relayed)
    assert.equal(table.get('a')?.path?.kind, 'relayed')
    host.connections = [relayed, lan]
    host.tell('connection:open', lan)
    assert.equal(table.get('a')?.path?.kind, 'lan')
    watch.readRoundTrips()
    assert.equal(table.get('a')?.rttMs, 40)
    host.connections = [relayed, { ...lan, status: 'closed' }]
    host.tell('connection:close', lan)
    assert.equal(table.get('a')?.path?.kind, 'relayed')
    host.tell('peer:disconnect', peerId('a'))
    assert.equal(table.get('a')?.path, undefined)
  })

  it('hears of nothing any more when it has stopped', async () => {
    const { host, table, watch } = await setUp()
    host.identified(connection('a'))
    await watch.stop()
    host.tell('peer:disconnect', peerId('a'))
    assert.equal(table.get('a')?.connected, true)
    assert.equal(host.topologies.size, 0)
  })
})
