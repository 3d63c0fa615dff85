/** Reads off libp2p and discovery what the doctor judges. */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../../core/run/clock.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'
import { codeOf, messageOf } from '../../../core/thrown.ts'
import { addressedTo } from '../../../discovery/contact/peer-dialer.ts'
import { pathOf } from '../../../discovery/links/path-of.ts'
import type { ClockSkews } from '../../../discovery/load/clock-skews.ts'
import type { PunchingState } from '../../../discovery/punch/punching-state.ts'
import type { HeardNeighbours } from './heard-neighbours.ts'
import type { DialResult, ReadReach, SeenConnection, SwarmReadings } from './swarm-readings.ts'

/** An address that is good answers within two round trips and a handshake; a person waits for the rest. */
const DIAL_MS = 5_000

export interface SwarmReadingComponents {
  readonly libp2p: {
    readonly peerId: PeerId
    getConnections(): Connection[]
    getMultiaddrs(): Multiaddr[]
    dial(target: Multiaddr[], options: { readonly signal: AbortSignal }): Promise<unknown>
    readonly peerStore: {
      get(peer: PeerId): Promise<{
        readonly protocols: readonly string[]
        readonly addresses: readonly { readonly multiaddr: Multiaddr }[]
      }>
    }
    readonly services: {
      readonly dht: { readonly routingTable: { readonly size: number } }
      readonly pubsub: { getTopics(): string[]; getSubscribers(topic: string): readonly PeerId[] }
    }
  }
  readonly dialGate: { tell(addresses: readonly Multiaddr[]): void }
  readonly twins: { warnings(): readonly string[] }
  readonly clocks: Pick<ClockSkews, 'readings'>
  readonly neighbours: Pick<HeardNeighbours, 'lately'>
  readonly reach: () => ReadReach
  readonly punching: {
    readonly package: { readonly state: PunchingState; readonly error: Error | undefined }
    readonly servers: () => readonly { readonly urls: readonly string[] }[]
  }
  readonly clock: Clock
}

export function swarmReadings(
  components: SwarmReadingComponents,
  { network }: { readonly network: string },
): SwarmReadings {
  const { libp2p, twins, clocks, neighbours, reach, punching } = components
  return {
    peerId: libp2p.peerId.toString(),
    network,
    connections: () => libp2p.getConnections().map(seen),
    addresses: () => libp2p.getMultiaddrs().map(String),
    reach,
    dhtSize: () => libp2p.services.dht.routingTable.size,
    gossip: () => {
      const { pubsub } = libp2p.services
      const topics = pubsub.getTopics()
      return {
        topics: topics.length,
        peers: new Set(topics.flatMap((topic) => pubsub.getSubscribers(topic)).map(String)).size,
      }
    },
    clocks: () => clocks.readings,
    webRtc: () => {
      const { state, error } = punching.package
      return { state, ...(error !== undefined && { why: error.message }) }
    },
    stunServers: () => punching.servers().flatMap(({ urls }) => urls),
    neighbours: () => neighbours.lately(),
    twins: () => twins.warnings(),
    told: async (peer) => {
      try {
        const { protocols, addresses } = await libp2p.peerStore.get(peerIdFromString(peer))
        return { protocols, addresses: addresses.map((each) => each.multiaddr.toString()) }
      } catch {
        return { protocols: [], addresses: [] } // it was never met
      }
    },
    dial: async (peer, address, options) => await dialled(components, addressedTo(multiaddr(address), peer), options),
  }
}

function seen({ remotePeer, direction, remoteAddr, rtt }: Connection): SeenConnection {
  return {
    peer: remotePeer.toString(),
    inbound: direction === 'inbound',
    address: remoteAddr.toString(),
    path: pathOf({ remoteAddr }),
    ...(rtt !== undefined && { rttMs: rtt }),
  }
}

async function dialled(
  { libp2p, dialGate, clock }: SwarmReadingComponents,
  address: Multiaddr,
  { told, signal }: Parameters<SwarmReadings['dial']>[2],
): Promise<DialResult> {
  if (told) dialGate.tell([address])
  const began = clock.monotonic()
  const dial = async (limited: AbortSignal): Promise<unknown> => await libp2p.dial([address], { signal: limited })
  try {
    await withinLimit(signal, DIAL_MS, 'no answer', dial, clock)
    return { address: address.toString(), tookMs: Math.round(clock.monotonic() - began) }
  } catch (thrown) {
    return { address: address.toString(), problem: inOneLine(thrown) }
  }
}

/** What the system's codes mean to a person. */
const DIAL_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'no machine is there',
  ENETUNREACH: 'no way leads there',
  ECONNRESET: 'the other side closed at once',
  ETIMEDOUT: 'no answer',
}

/** libp2p tells of several addresses in several lines; the deepest cause is the one that says something. */
function inOneLine(thrown: unknown): string {
  const first: unknown = thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown
  for (let at = first; at instanceof Error; at = at.cause) {
    const reason = DIAL_REASONS[codeOf(at) ?? '']
    if (reason !== undefined) return `${reason} (${codeOf(at)})`
  }
  return messageOf(first).split('\n').join(' ').trim()
}
