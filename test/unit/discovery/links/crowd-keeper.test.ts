import assert from 'node:assert/strict'
import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { MAX_STRANGERS_FROM_SUBNET, NEWCOMER_MS } from '../../../../discovery/links/connection-limits.ts'
import { CrowdKeeper } from '../../../../discovery/links/crowd-keeper.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

class Host extends EventTarget {
  readonly own: Multiaddr[] = []
  connections: Connection[] = []
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    super()
    this.#clock = clock
  }

  getConnections(): Connection[] {
    return this.connections
  }

  getMultiaddrs(): Multiaddr[] {
    return this.own
  }

  async connect(address: string, peer?: PeerId): Promise<string> {
    const remotePeer = peer ?? (await newPeerId())
    const connection = {
      remotePeer,
      remoteAddr: multiaddr(address),
      timeline: { open: this.#clock.wall() },
      abort: () => {
        this.connections = this.connections.filter((other) => other !== connection)
      },
    } as unknown as Connection
    this.connections.push(connection)
    this.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
    return remotePeer.toString()
  }

  get peers(): readonly string[] {
    return this.connections.map(({ remotePeer }) => remotePeer.toString())
  }
}

async function setUp() {
  const clock = new ManualClock()
  const host = new Host(clock)
  const home = new Set<string>()
  const busy = new Set<string>()
  const keeper = new CrowdKeeper({
    libp2p: host,
    clock,
    log: silentLogger,
    relation: (peer) => (home.has(peer) ? 'home' : 'stranger'),
    busy: () => busy,
  })
  await keeper.start()
  return { clock, host, home, busy, keeper }
}

const PUBLIC = '/ip4/203.0.113.9/tcp/4001'

describe('CrowdKeeper', () => {
  it('cuts one stranger too many of a subnet as it comes, and no own node from there', async () => {
    const { clock, host, home, keeper } = await setUp()
    const first = await host.connect(PUBLIC)
    for (let i = 0; i < MAX_STRANGERS_FROM_SUBNET; i += 1) {
      clock.advance(1)
      await host.connect(PUBLIC)
    }
    assert.equal(host.peers.length, MAX_STRANGERS_FROM_SUBNET)
    assert.equal(host.peers[0], first)
    const own = await newPeerId()
    home.add(own.toString())
    await host.connect(PUBLIC, own)
    assert.ok(host.peers.includes(own.toString()))
    clock.advance(NEWCOMER_MS)
    await keeper.stop()
    assert.equal(clock.pending, 0)
  })

  it('spares relays in use and peers with a query under way', async () => {
    const { clock, host, busy, keeper } = await setUp()
    const seat = await newPeerId()
    const carrier = await newPeerId()
    host.own.push(multiaddr(`${PUBLIC}/p2p/${seat.toString()}/p2p-circuit`))
    for (let i = 0; i < MAX_STRANGERS_FROM_SUBNET; i += 1) await host.connect(PUBLIC)
    await host.connect(`/ip4/198.51.100.1/tcp/1/p2p/${carrier.toString()}/p2p-circuit`)
    const asker = await newPeerId()
    busy.add(asker.toString())
    clock.advance(1)
    for (const peer of [seat, carrier, asker]) await host.connect(PUBLIC, peer)
    for (const peer of [seat, carrier, asker]) assert.ok(host.peers.includes(peer.toString()))
    await keeper.stop()
  })

  it('counts what a relay brings by the relay, not by its subnet', async () => {
    const { host, keeper } = await setUp()
    const relay = (await newPeerId()).toString()
    for (let i = 0; i <= MAX_STRANGERS_FROM_SUBNET; i += 1) await host.connect(`${PUBLIC}/p2p/${relay}/p2p-circuit`)
    assert.equal(host.peers.length, MAX_STRANGERS_FROM_SUBNET + 1)
    await keeper.stop()
  })
})
