/** A DHT whose peers answer as the test says: what our walks use of kad-dht and libp2p. */
import type { Libp2p, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { FoundPeer, WalkEvent } from '../../discovery/dht/dht-lookup.ts'
import type { ProviderWalksComponents } from '../../discovery/dht/provider-walks.ts'
import { newPeerId } from './fake-libp2p.ts'
import { ManualClock } from './manual-clock.ts'

export interface Answer {
  readonly closer?: readonly PeerId[]
  readonly providers?: readonly PeerId[]
}

/** A peer as a DHT message names it. */
export function named(id: PeerId): FoundPeer {
  return { id, multiaddrs: [multiaddr('/ip4/192.0.2.7/tcp/4501')] }
}

export class ScriptedDht {
  readonly clock = new ManualClock(0)
  readonly asked: string[] = []
  /** By peer; a peer without one is silent until the walk ends. */
  readonly answers = new Map<string, Answer | 'refuses'>()
  connected: PeerId[] = []
  /** What kad-dht's routing table holds. */
  inTable: PeerId[] = []
  /** Left with this node by others. */
  ownRecords: PeerId[] = []
  readonly components: ProviderWalksComponents

  private constructor(self: PeerId) {
    const script = this
    this.components = {
      clock: this.clock,
      peers: {
        get connected() {
          return script.connected
        },
      },
      dht: {
        network: { sendRequest: (to, _message, { signal }) => this.#send(to, signal) },
        routingTable: { closestPeers: () => this.inTable },
        providers: { getProviders: async () => this.ownRecords },
      },
      libp2p: {
        peerId: self,
        isDialable: async () => true,
        peerStore: {
          get: async (id: PeerId) => ({ addresses: named(id).multiaddrs.map((at) => ({ multiaddr: at })) }),
        } as unknown as Pick<Libp2p['peerStore'], 'get'>,
      },
    }
  }

  static async create(): Promise<ScriptedDht> {
    return new ScriptedDht(await newPeerId())
  }

  async *#send(to: PeerId, signal: AbortSignal): AsyncGenerator<WalkEvent> {
    this.asked.push(to.toString())
    yield { name: 'SEND_QUERY' }
    const answer = this.answers.get(to.toString())
    if (answer === undefined) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    if (answer === undefined || answer === 'refuses') {
      yield { name: 'QUERY_ERROR', from: to }
      return
    }
    const { closer = [], providers = [] } = answer
    yield { name: 'PEER_RESPONSE', from: to, closer: closer.map(named), providers: providers.map(named) }
  }
}
