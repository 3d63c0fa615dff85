/** Two nodes that cannot be dialled, and a third that carries for them until they have a direct way; all is real. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../core/logger.ts'
import { systemClock } from '../../../core/run/clock.ts'
import { isCarried } from '../../../discovery/punch/connections.ts'
import { RelayBudget } from '../../../discovery/reach/relay-budget.ts'
import { createLibp2pNode, type Libp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'
import type { SeatedTransport } from '../../../node/compose/libp2p/relaying.ts'
import { composePunching, type PunchingRoom } from '../../../node/compose/libp2p/web-rtc/punching-room.ts'
import { updateWindowByHalves } from '../../../protocols/query/window-updates.ts'
import { eventually } from '../../support/daemon.ts'

const PROTOCOL = '/test/1'
const MIB = 2 ** 20

interface Guest {
  readonly libp2p: Libp2pNode
  readonly transport: SeatedTransport
  readonly room: PunchingRoom
  /** What the guard was asked: `traffic peer`. */
  readonly asked: Set<string>
}

describe('punching', () => {
  const nodes: Libp2pNode[] = []
  const rooms: PunchingRoom[] = []

  async function guest(listen: readonly string[] = []): Promise<Guest> {
    const asked = new Set<string>()
    let transport: SeatedTransport | undefined
    const room = composePunching(
      {
        libp2p: () => libp2p,
        peers: { get: () => undefined },
        denyList: { isDenied: () => false },
        clock: systemClock,
        log: silentLogger,
      },
      { enabled: true, stun: listen.length > 0, iceServers: [], listen },
    )
    const { webRtc } = room
    assert.ok(webRtc !== undefined)
    const budget = new RelayBudget({ clock: systemClock, relation: () => 'home' }, { mbPerDay: 100 })
    const libp2p: Libp2pNode = await createLibp2pNode({
      privateKey: await generateKeyPair('Ed25519'),
      network: 'test',
      listen,
      mdns: false,
      version: '0.0.0',
      allowedTopics: [],
      connectionGater: { denyDialMultiaddr: () => false },
      guard: {
        admits: (traffic, peer) => asked.add(`${traffic} ${peer}`) !== undefined,
        mustWait: () => false,
        condemn: () => {},
      },
      relay: { budget, seats: 4 },
      webRtc,
      onRelayTransport: (created) => {
        transport = created
      },
    })
    await libp2p.start()
    nodes.push(libp2p)
    await room.part.start()
    rooms.push(room)
    assert.ok(transport !== undefined)
    return { libp2p, transport, room, asked }
  }

  /** The first of two has dialled the second over a relay. */
  async function relayed(): Promise<readonly [Guest, Guest]> {
    const [relay, a, b] = [await guest(['/ip4/127.0.0.1/tcp/0']), await guest(), await guest()]
    for (const one of [a, b]) await one.libp2p.dial(relay.libp2p.getMultiaddrs())
    await b.transport.reservationStore.addRelay(relay.libp2p.peerId, 'configured')
    const circuit = multiaddr(`${relay.libp2p.getMultiaddrs()[0]}/p2p-circuit/p2p/${b.libp2p.peerId}`)
    assert.ok(isCarried(await a.libp2p.dial(circuit)))
    return [a, b]
  }

  const directOf = async (from: Guest, to: Guest): Promise<Connection> => {
    const direct = (): Connection | undefined =>
      from.libp2p.getConnections(to.libp2p.peerId).find((one) => one.status === 'open' && !isCarried(one))
    return await eventually('they are connected directly', direct)
  }

  afterEach(async () => {
    for (const room of rooms.splice(0)) await room.part.stop()
    for (const node of nodes.splice(0)) await node.stop()
  })

  it('makes a relayed connection direct, with the muxer of all others, where the peer truly is', async () => {
    const [a, b] = await relayed()
    for (const connection of [await directOf(a, b), await directOf(b, a)]) {
      assert.equal(connection.multiplexer, '/yamux/1.0.0')
      assert.equal(connection.limits, undefined)
      assert.equal(connection.direct, true)
      assert.match(connection.remoteAddr.toString(), /^\/ip[46]\/[0-9a-f.:]+\/udp\/\d+\/webrtc\/p2p\/\w+$/)
    }
    assert.ok(b.asked.has(`signalling ${a.libp2p.peerId}`))
  })

  it('brings all bytes, lets a reader make its sender wait, and asks the guard about every stream', async () => {
    const [a, b] = await relayed()
    let bytes = 0
    let read: Stream | undefined
    await b.libp2p.handle(PROTOCOL, (stream) => {
      updateWindowByHalves(stream)
      read = stream
      stream.addEventListener('message', ({ data }) => {
        bytes += data.byteLength
        if (bytes < MIB) stream.pause()
      })
    })
    const connection = await directOf(a, b)
    b.asked.clear()
    const stream = await connection.newStream(PROTOCOL)
    const sent = sendAll(stream, 12 * MIB)
    await eventually('the sender waits', () => read?.readStatus === 'paused' && stream.writableNeedsDrain)
    assert.ok(bytes < 3 * MIB, `${bytes} bytes were let through to a reader that had paused`)
    bytes += MIB // it pauses no more
    read?.resume()
    await sent
    await eventually('all bytes', () => bytes === 13 * MIB)
    assert.ok(b.asked.has(`streams ${a.libp2p.peerId}`))
  })

  it('ends with the node: the peer is told, and nothing stays open', async () => {
    const [a, b] = await relayed()
    await directOf(a, b)
    await a.room.part.stop()
    await a.libp2p.stop()
    await eventually('the peer knows', () => b.libp2p.getConnections(a.libp2p.peerId).length === 0)
  })
})

async function sendAll(stream: Stream, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes; sent += MIB / 16) {
    if (!stream.send(new Uint8Array(MIB / 16))) {
      while (stream.writableNeedsDrain) {
        await new Promise<void>((resolve) => stream.addEventListener('drain', () => resolve(), { once: true }))
      }
    }
  }
}
