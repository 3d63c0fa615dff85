import assert from 'node:assert/strict'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { Libp2pLinks, type LinkedLibp2p } from '../../../../discovery/links/libp2p-links.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { FakeStream } from '../../../support/fake-stream.ts'

const LAN = '/ip4/192.168.1.7/tcp/4001'
const RELAYED = '/ip4/203.0.113.9/tcp/4001/p2p-circuit'

class Connections extends EventTarget {
  readonly open: Connection[] = []
  readonly handled = new Map<string, { readonly handler: (stream: Stream, connection: Connection) => void }>()
  dialled: Connection | undefined

  getConnections(peer: PeerId): Connection[] {
    return this.open.filter(({ remotePeer }) => remotePeer.equals(peer))
  }

  async dial(): Promise<Connection> {
    return this.dialled ?? assert.fail('nothing is dialled')
  }

  async handle(protocol: string, handler: (stream: Stream, connection: Connection) => void): Promise<void> {
    this.handled.set(protocol, { handler })
  }

  async unhandle(protocol: string): Promise<void> {
    this.handled.delete(protocol)
  }

  connect(remotePeer: PeerId, address: string, fields: Partial<Connection> = {}): Connection {
    const newStream = async (): Promise<Stream> => new FakeStream().stream
    const remoteAddr = multiaddr(address)
    const connection = Object.assign({ remotePeer, remoteAddr, status: 'open', newStream }, fields) as Connection
    this.open.push(connection)
    this.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
    return connection
  }
}

async function setUp() {
  const peer = await newPeerId()
  const libp2p = new Connections()
  const doubted: Connection[] = []
  const links = new Libp2pLinks({
    libp2p: libp2p as unknown as LinkedLibp2p,
    onDoubt: (connection) => doubted.push(connection),
  })
  return { peer, libp2p, links, doubted, to: () => links.to(peer.toString()) }
}

describe('links over libp2p', () => {
  it('are the open connections, the best first, each told by its path, round trip and limits', async () => {
    const { peer, libp2p, to } = await setUp()
    libp2p.connect(peer, RELAYED, { rtt: 4, limits: { bytes: 131_072n, seconds: 120 } })
    libp2p.connect(peer, LAN, { rtt: 9 })
    libp2p.connect(peer, '/ip4/127.0.0.1/tcp/1', { status: 'closing' })
    assert.deepEqual(
      to().map(({ path, rttMs, limits }) => [path.kind, rttMs, limits]),
      [
        ['lan', 9, undefined],
        ['relayed', 4, { bytes: 131_072, seconds: 120 }],
      ],
    )
    assert.deepEqual(to(), to())
  })

  it('tell of one that is better than all others, and of no other', async () => {
    const { peer, libp2p, links } = await setUp()
    const better: string[] = []
    const end = links.onBetter(({ path }) => better.push(path.kind))
    libp2p.connect(peer, RELAYED)
    libp2p.connect(peer, RELAYED)
    assert.deepEqual(better, [])
    libp2p.connect(peer, LAN)
    libp2p.connect(peer, LAN)
    assert.deepEqual(better, ['lan'])
    end()
    libp2p.connect(peer, '/ip4/127.0.0.1/tcp/1')
    assert.equal(better.length, 1)
  })

  it('put one last on which a lane fell silent or could not be opened in time, until one opens again', async () => {
    const { peer, libp2p, doubted, to } = await setUp()
    let answer: () => Promise<Stream> = () => Promise.reject(new Error('the limit passed'))
    const lan = libp2p.connect(peer, LAN, { newStream: () => answer() })
    libp2p.connect(peer, RELAYED)
    const kinds = (): readonly string[] => to().map(({ path }) => path.kind)
    const [link] = to()
    assert.ok(link !== undefined)
    const { signal } = new AbortController()
    await assert.rejects(link.openLane('/p', signal))
    assert.deepEqual(kinds(), ['relayed', 'lan'])
    answer = async () => new FakeStream().stream
    await link.openLane('/p', signal)
    assert.deepEqual(kinds(), ['lan', 'relayed'])
    link.doubt()
    assert.deepEqual(kinds(), ['relayed', 'lan'])
    assert.deepEqual(doubted, [lan, lan])
  })

  it('are not doubted when the caller left', async () => {
    const { peer, libp2p, doubted, to } = await setUp()
    libp2p.connect(peer, LAN, { newStream: () => Promise.reject(new Error('aborted')) })
    for (const [code, doubts] of [
      ['CANCELLED', 0],
      ['TIMEOUT', 1],
    ] as const) {
      const signal = AbortSignal.abort(new RealmeshError(code, 'over'))
      await assert.rejects(to()[0]?.openLane('/p', signal) ?? Promise.resolve())
      assert.equal(doubted.length, doubts)
    }
  })

  it('dial, and take lanes of peers by protocol', async () => {
    const { peer, libp2p, links } = await setUp()
    libp2p.dialled = libp2p.connect(peer, LAN)
    const { signal } = new AbortController()
    assert.equal((await links.dial(peer.toString(), signal)).path.kind, 'lan')
    const lanes: (readonly [unknown, string])[] = []
    await links.accept('/p', { maxLanes: 3, onLane: (stream, from) => lanes.push([stream, from]) })
    const { stream } = new FakeStream()
    libp2p.handled.get('/p')?.handler(stream, libp2p.dialled)
    assert.deepEqual(lanes, [[stream, peer.toString()]])
    await links.refuse('/p')
    assert.equal(libp2p.handled.size, 0)
  })

  it('count what goes over a relay, and give no new lane once that is used up', async () => {
    const { peer, libp2p } = await setUp()
    const counted: unknown[] = []
    let room = true
    const links = new Libp2pLinks({
      libp2p: libp2p as unknown as LinkedLibp2p,
      relayed: {
        hasRoom: () => room,
        counting: (stream) => {
          counted.push(stream)
          return stream
        },
      },
    })
    const relayed = libp2p.connect(peer, RELAYED)
    libp2p.connect(peer, LAN)
    const [lan, far] = links.to(peer.toString())
    const { signal } = new AbortController()
    await lan?.openLane('/p', signal)
    assert.equal(counted.length, 0)
    await far?.openLane('/p', signal)
    await links.accept('/p', { maxLanes: 3, onLane: () => {} })
    libp2p.handled.get('/p')?.handler(new FakeStream().stream, relayed)
    assert.equal(counted.length, 2)
    room = false
    assert.deepEqual(
      links.to(peer.toString()).map(({ path }) => path.kind),
      ['lan'],
    )
    await assert.rejects(far?.openLane('/p', signal) ?? Promise.resolve(), { code: 'PEER_UNREACHABLE' })
  })
})
