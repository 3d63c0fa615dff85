import assert from 'node:assert/strict'
import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { HopelessPunches } from '../../../../discovery/punch/hopeless-punches.ts'
import {
  MAX_PUNCHES,
  PUNCH_LOOK_MS,
  PUNCH_MS,
  Punching,
  type PunchingLibp2p,
} from '../../../../discovery/punch/punching.ts'
import type { PunchingState } from '../../../../discovery/punch/punching-state.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const SIGNALLING = '/webrtc-signaling/0.0.1'

/** A try that the test ends. */
interface Try {
  readonly address: string
  readonly signal: AbortSignal
  succeed(): void
  fail(): void
}

class Connected extends EventTarget {
  readonly tries: Try[] = []
  readonly dialled: string[] = []
  addresses: Multiaddr[] = []
  protocols: string[] = [SIGNALLING]
  connections: Connection[] = []
  readonly peerId: PeerId
  readonly #relay: PeerId

  constructor(peerId: PeerId, relay: PeerId) {
    super()
    this.peerId = peerId
    this.#relay = relay
  }

  readonly peerStore = {
    get: async () => ({
      protocols: this.protocols,
      addresses: this.addresses.map((address) => ({ multiaddr: address })),
    }),
  }

  getConnections(peer?: PeerId): Connection[] {
    return this.connections.filter(({ remotePeer }) => peer === undefined || remotePeer.equals(peer))
  }

  async dial(addresses: Multiaddr[]): Promise<Connection> {
    this.dialled.push(...addresses.map(String))
    throw new Error('refused')
  }

  readonly punch = (address: Multiaddr, signal: AbortSignal): Promise<Connection> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true })
      const peer = address.getComponents().at(-1)?.value ?? ''
      this.tries.push({
        address: address.toString(),
        signal,
        succeed: () => resolve(this.open(`/ip4/203.0.113.102/udp/40000/webrtc/p2p/${peer}`)),
        fail: () => reject(new Error('no way')),
      })
    })

  open(address: string, direction: Connection['direction'] = 'outbound', peer?: PeerId): Connection {
    const id = multiaddr(address).getComponents().at(-1)?.value
    const remotePeer = peer ?? this.connections.find(({ remotePeer }) => remotePeer.toString() === id)?.remotePeer
    const connection = { remoteAddr: multiaddr(address), direction, status: 'open', remotePeer } as Connection
    this.connections.push(connection)
    this.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
    return connection
  }

  close(connection: Connection): void {
    this.connections = this.connections.filter((one) => one !== connection)
    this.dispatchEvent(new CustomEvent('connection:close', { detail: connection }))
  }

  /** The peer is there over the relay, and has told what it speaks. */
  relayed(peer: PeerId, direction: Connection['direction'] = 'outbound'): Connection {
    const relay = `/ip4/203.0.113.9/tcp/4501/p2p/${this.#relay.toString()}/p2p-circuit`
    const connection = this.open(`${relay}/p2p/${peer.toString()}`, direction, peer)
    this.dispatchEvent(new CustomEvent('peer:identify', { detail: { peerId: peer, connection } }))
    return connection
  }
}

describe('punching', () => {
  let clock: ManualClock
  let libp2p: Connected
  let peer: PeerId
  let network: string
  let state: PunchingState
  let punching: Punching

  beforeEach(async () => {
    clock = new ManualClock()
    libp2p = new Connected(await newPeerId(), await newPeerId())
    peer = await newPeerId()
    network = 'home'
    state = 'ready'
    punching = new Punching(
      {
        libp2p: libp2p as unknown as PunchingLibp2p,
        punch: libp2p.punch,
        hopeless: new HopelessPunches({ clock, network: () => network }, { rng: () => 0.5 }),
        webRtc: {
          get state() {
            return state
          },
        },
        isDenied: () => false,
        clock,
        log: silentLogger,
      },
      { signalling: SIGNALLING },
    )
    await punching.start()
  })

  afterEach(async () => {
    await punching.stop()
  })

  const settled = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  it('makes a relayed connection direct as soon as the peer has told what it speaks', async () => {
    libp2p.relayed(peer)
    await settled()
    assert.equal(punching.progressOf(peer), 'trying')
    assert.deepEqual(punching.counts, { waiting: 0, trying: 1, hopeless: 0, opened: 0 })
    assert.match(libp2p.tries[0]?.address ?? '', new RegExp(`/p2p-circuit/webrtc/p2p/${peer.toString()}$`))
    libp2p.tries[0]?.succeed()
    await settled()
    assert.equal(punching.progressOf(peer), undefined)
    assert.deepEqual(punching.counts, { waiting: 0, trying: 0, hopeless: 0, opened: 1 })
    clock.advance(PUNCH_LOOK_MS)
    await settled()
    assert.equal(libp2p.tries.length, 1)
  })

  it('leaves it to the peer that dialled, and to peers that cannot', async () => {
    libp2p.relayed(peer, 'inbound')
    libp2p.protocols = []
    libp2p.relayed(await newPeerId())
    state = 'missing'
    libp2p.protocols = [SIGNALLING]
    libp2p.relayed(await newPeerId())
    await settled()
    assert.equal(libp2p.tries.length, 0)
    assert.equal(punching.progressOf(peer), 'waiting')
  })

  it('gives up early, tells so, and does not try again at once', async () => {
    libp2p.relayed(peer)
    await settled()
    clock.advance(PUNCH_MS)
    await settled()
    assert.equal(libp2p.tries[0]?.signal.aborted, true)
    assert.equal(punching.progressOf(peer), 'hopeless')
    clock.advance(1_000)
    libp2p.relayed(peer)
    await settled()
    assert.equal(libp2p.tries.length, 1)
    clock.advance(2 * PUNCH_LOOK_MS)
    await settled()
    assert.equal(libp2p.tries.length, 2)
  })

  it('tries again at once when its own network is another', async () => {
    const connection = libp2p.relayed(peer)
    await settled()
    libp2p.tries[0]?.fail()
    await settled()
    assert.equal(punching.progressOf(peer), 'hopeless')
    network = 'café'
    libp2p.close(connection)
    libp2p.relayed(peer)
    await settled()
    assert.equal(libp2p.tries.length, 2)
  })

  it('dials public addresses of the peer before it punches, whichever side dialled', async () => {
    libp2p.addresses = [multiaddr('/ip4/198.51.100.7/tcp/4501'), multiaddr('/ip4/192.168.1.7/tcp/4501')]
    libp2p.relayed(peer)
    await settled()
    assert.deepEqual(libp2p.dialled, ['/ip4/198.51.100.7/tcp/4501'])
    assert.equal(libp2p.tries.length, 1)
    const other = await newPeerId()
    libp2p.relayed(other, 'inbound')
    await settled()
    assert.equal(libp2p.dialled.length, 2)
    assert.equal(punching.progressOf(other), 'hopeless')
  })

  it('ends a try that a direct connection has made needless, and does not call it hopeless', async () => {
    const carried = libp2p.relayed(peer)
    await settled()
    const direct = libp2p.open(`/ip4/203.0.113.7/tcp/4501/p2p/${peer.toString()}`)
    await settled()
    assert.equal(libp2p.tries[0]?.signal.aborted, true)
    assert.equal(punching.progressOf(peer), undefined)
    libp2p.close(direct)
    await settled()
    assert.deepEqual(libp2p.getConnections(peer), [carried])
    assert.equal(libp2p.tries.length, 2) // the direct one is gone
  })

  it('tries a few peers at once, and the others after them', async () => {
    for (let i = 0; i < MAX_PUNCHES + 2; i++) libp2p.relayed(await newPeerId())
    await settled()
    assert.equal(libp2p.tries.length, MAX_PUNCHES)
    libp2p.tries[0]?.fail()
    await settled()
    assert.equal(libp2p.tries.length, MAX_PUNCHES + 1)
  })

  it('ends all tries when it stops', async () => {
    libp2p.relayed(peer)
    await settled()
    await punching.stop()
    assert.equal(libp2p.tries[0]?.signal.aborted, true)
    await settled()
    libp2p.relayed(await newPeerId())
    await settled()
    assert.equal(libp2p.tries.length, 1)
  })
})
