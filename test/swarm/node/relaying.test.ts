/** Two nodes of which the one cannot be dialled, and a third that carries for them; all of libp2p is real. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Relation } from '../../../core/scope.ts'
import { RelayBudget } from '../../../discovery/reach/relay-budget.ts'
import { relayGates } from '../../../discovery/reach/relay-gate.ts'
import { createLibp2pNode, type Libp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'
import type { SeatedTransport } from '../../../node/compose/libp2p/reach/relaying.ts'
import { eventually } from '../../support/daemon.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const PROTOCOL = '/test/1'
const MEGABYTE = 1_000_000

interface Seated {
  readonly libp2p: Libp2pNode
  readonly transport: SeatedTransport
  readonly budget: RelayBudget
  readonly denied: Set<string>
}

describe('relaying', () => {
  const nodes: Libp2pNode[] = []
  let relations: Record<string, Relation>

  async function node(listens: boolean, mbPerDay = 100): Promise<Seated> {
    const denied = new Set<string>()
    const budget = new RelayBudget(
      { clock: new ManualClock(), relation: (peer) => relations[peer] ?? 'stranger' },
      { mbPerDay },
    )
    const denyList = { isDenied: (peer: string) => denied.has(peer) }
    let transport: SeatedTransport | undefined
    const libp2p: Libp2pNode = await createLibp2pNode({
      privateKey: await generateKeyPair('Ed25519'),
      network: 'test',
      listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [],
      mdns: false,
      version: '0.0.0',
      allowedTopics: [],
      connectionGater: {
        denyDialMultiaddr: () => false,
        ...relayGates({ denyList, budget, connections: (peer) => libp2p.getConnections(peer) }),
      },
      relay: { budget, seats: 2 },
      onRelayTransport: (created) => {
        transport = created
      },
    })
    await libp2p.start()
    nodes.push(libp2p)
    assert.ok(transport !== undefined)
    return { libp2p, transport, budget, denied }
  }

  /** `guest` has a seat at `relay`; the address at which it is reached there. */
  async function seated(guest: Seated, relay: Seated): Promise<Multiaddr> {
    await guest.libp2p.dial(relay.libp2p.getMultiaddrs())
    await guest.transport.reservationStore.addRelay(relay.libp2p.peerId, 'configured')
    return multiaddr(`${relay.libp2p.getMultiaddrs()[0]}/p2p-circuit/p2p/${guest.libp2p.peerId}`)
  }

  /** What comes to `guest` from now on is counted. */
  async function counting(guest: Seated): Promise<{ bytes: number; stream: Stream | undefined }> {
    const seen: { bytes: number; stream: Stream | undefined } = { bytes: 0, stream: undefined }
    await guest.libp2p.handle(PROTOCOL, (stream) => {
      seen.stream = stream
      stream.addEventListener('message', ({ data }) => {
        seen.bytes += data.byteLength
      })
    })
    return seen
  }

  async function send(connection: Connection, bytes: number): Promise<Stream> {
    const stream = await connection.newStream(PROTOCOL)
    for (let sent = 0; sent < bytes && stream.status === 'open'; sent += 50_000) {
      if (!stream.send(new Uint8Array(50_000))) {
        await new Promise<void>((resolve) => {
          stream.addEventListener('drain', () => resolve(), { once: true })
          stream.addEventListener('close', () => resolve(), { once: true })
        })
      }
    }
    return stream
  }

  beforeEach(() => {
    relations = {}
  })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((each) => each.stop()))
  })

  it('carries far more than 128 KiB, on connections that know no limit', async () => {
    const [relay, guest, caller] = [await node(true), await node(false), await node(false)]
    const seen = await counting(guest)
    const connection = await caller.libp2p.dial(await seated(guest, relay))
    assert.ok(!connection.direct)
    assert.equal(connection.limits, undefined)
    await send(connection, 10 * MEGABYTE)
    await eventually('all of it is there', () => seen.bytes === 10 * MEGABYTE)
    const { circuits, bytes } = relay.budget.figures
    assert.equal(circuits, 1)
    assert.ok(bytes > 10 * MEGABYTE)
    await connection.close()
    await eventually('the connection is counted no more', () => relay.budget.figures.circuits === 0)
  })

  it('ends when the bytes of the day are used up, and nothing new begins', async () => {
    const [relay, guest, caller] = [await node(true, 2), await node(false), await node(false)]
    const address = await seated(guest, relay)
    const seen = await counting(guest)
    const connection = await caller.libp2p.dial(address)
    const cut = new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }))
    await send(connection, 4 * MEGABYTE).catch(() => undefined)
    await cut
    assert.ok(seen.bytes < 2 * MEGABYTE)
    await assert.rejects(caller.libp2p.dial(address))
  })

  it('of own rigs has no end', async () => {
    const [relay, guest, caller] = [await node(true, 1), await node(false), await node(false)]
    relations[guest.libp2p.peerId.toString()] = 'home'
    const seen = await counting(guest)
    const connection = await caller.libp2p.dial(await seated(guest, relay))
    await send(connection, 3 * MEGABYTE)
    await eventually('all of it is there', () => seen.bytes === 3 * MEGABYTE)
  })

  it('is refused to peers that are shut out, on either side', async () => {
    const [relay, guest, caller] = [await node(true), await node(false), await node(false)]
    const address = await seated(guest, relay)
    const id = caller.libp2p.peerId.toString()
    guest.denied.add(id)
    await assert.rejects(caller.libp2p.dial(address))
    guest.denied.delete(id)
    relay.denied.add(id)
    await assert.rejects(caller.libp2p.dial(address))
    relay.denied.delete(id)
    await caller.libp2p.dial(address)
  })

  it('gives seats to those that dialled it, as many as it has', async () => {
    const [relay, first, second, third] = [await node(true), await node(false), await node(false), await node(true)]
    await seated(first, relay)
    await relay.libp2p.dial(third.libp2p.getMultiaddrs())
    await eventually('it is dialled', () => third.libp2p.getConnections(relay.libp2p.peerId).length > 0)
    await assert.rejects(third.transport.reservationStore.addRelay(relay.libp2p.peerId, 'configured'))
    await seated(second, relay)
    const late = await node(false)
    await assert.rejects(seated(late, relay))
  })

  it('brings nobody from a peer at which no seat was taken', async () => {
    const [relay, guest, caller] = [await node(true), await node(false), await node(false)]
    const address = await seated(guest, relay)
    guest.transport.reservationStore.cancelReservations()
    await assert.rejects(caller.libp2p.dial(address))
    assert.ok(!guest.transport.reservationStore.hasReservation(relay.libp2p.peerId))
  })
})
