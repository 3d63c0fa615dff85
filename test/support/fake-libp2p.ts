import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

export async function newPeerId(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

/** An address that names the peer. */
export function addressOf(peer: PeerId): Multiaddr {
  return multiaddr(`/ip4/192.0.2.7/tcp/4501/p2p/${peer.toString()}`)
}

/** One dial that the test answers. */
export interface FakeDial {
  readonly target: string
  /** None for a dial by the id alone. */
  readonly at: readonly string[]
  readonly signal: AbortSignal
  /** The connection is open now. */
  succeed(): void
  fail(): void
}

/** The parts of libp2p that dial: every dial waits until the test answers it. */
export class FakeLibp2p extends EventTarget {
  readonly peerId: PeerId
  readonly dials: FakeDial[] = []
  readonly tagged: string[] = []
  /** Where it listens. */
  own: Multiaddr[] = []
  readonly #connected = new Map<string, PeerId>()
  readonly peerStore = {
    merge: async (peer: PeerId, { tags = {} }: { readonly tags?: Record<string, unknown> } = {}): Promise<void> => {
      const id = peer.toString()
      if (Object.values(tags).every((tag) => tag !== undefined)) this.tagged.push(id)
      else if (this.tagged.includes(id)) this.tagged.splice(this.tagged.indexOf(id), 1)
    },
  }

  constructor(peerId: PeerId) {
    super()
    this.peerId = peerId
  }

  dial(target: PeerId | Multiaddr[], { signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    const id = Array.isArray(target) ? (target[0]?.getComponents().at(-1)?.value ?? '') : target.toString()
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.dials.push({
        target: id,
        at: Array.isArray(target) ? target.map(String) : [],
        signal,
        succeed: () => {
          this.connect(id)
          resolve({} as Connection)
        },
        fail: () => reject(new Error('connection refused')),
      })
    })
  }

  connect(id: string): void {
    this.#connected.set(id, { toString: () => id } as PeerId)
  }

  disconnect(peer: PeerId): void {
    this.#connected.delete(peer.toString())
    this.dispatchEvent(new CustomEvent('peer:disconnect', { detail: peer }))
  }

  getMultiaddrs(): Multiaddr[] {
    return this.own
  }

  getPeers(): PeerId[] {
    return [...this.#connected.values()]
  }

  getConnections(peer: PeerId): Connection[] {
    return this.#connected.has(peer.toString()) ? [{} as Connection] : []
  }
}

/** Lets promises that wait for nothing else settle. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
