/** Two nodes that cannot be dialled, and a third that carries for them until they have a direct way; libp2p is real. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../core/logger.ts'
import { systemClock } from '../../core/run/clock.ts'
import { isCarried } from '../../discovery/punch/connections.ts'
import { RelayBudget } from '../../discovery/reach/relay-budget.ts'
import { createLibp2pNode, type Libp2pNode } from '../../node/compose/libp2p/libp2p-node.ts'
import type { SeatedTransport } from '../../node/compose/libp2p/reach/relaying.ts'
import { composePunching, type PunchingRoom } from '../../node/compose/libp2p/web-rtc/punching-room.ts'
import { eventually } from './daemon.ts'

export interface PunchedNode {
  readonly libp2p: Libp2pNode
  readonly transport: SeatedTransport
  readonly room: PunchingRoom
  /** What the guard was asked: `traffic peer`. */
  readonly asked: Set<string>
}

export class PunchedPair {
  readonly #nodes: PunchedNode[] = []

  /** The first of the two has dialled the second over a relay. */
  async start(): Promise<readonly [PunchedNode, PunchedNode]> {
    const [relay, a, b] = [await this.#node(['/ip4/127.0.0.1/tcp/0']), await this.#node(), await this.#node()]
    for (const one of [a, b]) await one.libp2p.dial(relay.libp2p.getMultiaddrs())
    await b.transport.reservationStore.addRelay(relay.libp2p.peerId, 'configured')
    const circuit = multiaddr(`${relay.libp2p.getMultiaddrs()[0]}/p2p-circuit/p2p/${b.libp2p.peerId}`)
    assert.ok(isCarried(await a.libp2p.dial(circuit)))
    return [a, b]
  }

  async stop(): Promise<void> {
    const nodes = this.#nodes.splice(0)
    for (const { room } of nodes) await room.part.stop()
    for (const { libp2p } of nodes) await libp2p.stop()
  }

  async #node(listen: readonly string[] = []): Promise<PunchedNode> {
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
    await room.part.start()
    assert.ok(transport !== undefined)
    const node = { libp2p, transport, room, asked }
    this.#nodes.push(node)
    return node
  }
}

/** The direct connection of one to the other, once it is there. */
export async function directBetween(from: PunchedNode, to: PunchedNode): Promise<Connection> {
  const direct = (): Connection | undefined =>
    from.libp2p.getConnections(to.libp2p.peerId).find((one) => one.status === 'open' && !isCarried(one))
  return await eventually('they are connected directly', direct)
}

const PIECE_BYTES = 2 ** 16

/** Sends so many bytes, as fast as the other end reads. */
export async function sendAll(stream: Stream, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes; sent += PIECE_BYTES) {
    if (!stream.send(new Uint8Array(PIECE_BYTES))) {
      while (stream.writableNeedsDrain) {
        await new Promise<void>((resolve) => stream.addEventListener('drain', () => resolve(), { once: true }))
      }
    }
  }
}
