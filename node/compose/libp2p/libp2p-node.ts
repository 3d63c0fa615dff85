/**
 * Assembles the libp2p node: which transports, encryption, muxer and services, with which limits. Nothing of realmesh's
 * own protocols is in here.
 */
import { identify, identifyPush } from '@libp2p/identify'
import type { ConnectionGater, Metrics, PeerId, PeerStore, PrivateKey } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import { BoundedRecords } from '../../../discovery/dht/bounded-records.ts'
import { boundAddresses } from '../../../discovery/guard/bounded-addresses.ts'
import type { FloodGuard } from '../../../discovery/guard/flood-guard.ts'
import { guardHandlers, type Registrar } from '../../../discovery/guard/wire/guarded-handlers.ts'
import { guardedMuxer } from '../../../discovery/guard/wire/guarded-muxer.ts'
import { type Handshake, SecuredPeers } from '../../../discovery/guard/wire/secured-peers.ts'
import { clockTolerantTls } from './clock-tolerant-tls.ts'
import { dht, PROVIDER_VALIDITY_MS } from './dht.ts'
import { gossip } from './gossip.ts'
import { localDiscovery } from './local-discovery.ts'
import { openDht } from './open-dht.ts'
import { PING_TIMEOUT_MS } from './ping-timeout.ts'
import type { PrivateSwarm } from './private-swarm.ts'
import { announcing } from './reach/announcing.ts'
import { portMapping } from './reach/port-mapping.ts'
import { type RelayServiceInit, relayService, relayTransport, type SeatedTransport } from './reach/relaying.ts'
import { directDial } from './web-rtc/direct-dial.ts'
import { type LazyWebRtcInit, lazyWebRtc } from './web-rtc/lazy-web-rtc.ts'
import { type MuxingUpgrader, throughOneChannel } from './web-rtc/one-channel.ts'

/** Bytes that a stream may have in flight. Must stay below the read buffer, or a paused stream dies. */
const STREAM_WINDOW_BYTES = 2 ** 20
const STREAM_READ_BUFFER_BYTES = 4 * 2 ** 20
const STREAM_WRITE_BUFFER_BYTES = 8 * 2 ** 20

/**
 * Streams of one connection: 900 query lanes for a node of the own federation (32 for others, which the query protocol
 * enforces), and the rest.
 */
const MAX_STREAMS_PER_CONNECTION = 1_024

/**
 * What libp2p refuses above. Of these 200 are meant to be there: discovery/links/connection-limits.ts bounds strangers,
 * and leaves own nodes, friends and newcomers the rest.
 */
const MAX_CONNECTIONS = 256
/** Handshakes under way; see discovery/guard/arrivals.ts for those of one address. */
const MAX_PENDING_INBOUND = 64

/** New connections per second from one address: several nodes live behind one router, or on one machine in tests. */
const INBOUND_PER_SECOND_PER_HOST = 50

/** Between two pings of the muxer. */
const MUXER_PING_MS = 3_600_000

/**
 * Pings of one connection at once. libp2p itself pings it twice, for the connection and for the routing table of the
 * DHT, and counts on a ping that was given up until its stream is closed: with its bound of one they fail each other.
 */
const MAX_PINGS_PER_CONNECTION = 8

export interface Libp2pNodeInit {
  readonly privateKey: PrivateKey
  readonly network: string
  readonly listen: readonly string[]
  readonly mdns: boolean
  readonly version: string
  readonly allowedTopics: readonly string[]
  readonly connectionGater?: ConnectionGater
  /** Whether the router is asked for a port. @default false */
  readonly upnp?: boolean
  /** What is carried for others. @default nothing */
  readonly relay?: RelayServiceInit
  /** Which addresses are given to others, in place of those that libp2p would give. @default these */
  readonly advertise?: (given: readonly Multiaddr[]) => Multiaddr[]
  /** Given the transport by which others reach this node through relays. */
  readonly onRelayTransport?: (transport: SeatedTransport) => void
  /** @default the open one */
  readonly privateSwarm?: Pick<PrivateSwarm, 'protector'>
  /** What is asked about everything that a peer sends. @default all is admitted */
  readonly guard?: Pick<FloodGuard, 'admits' | 'mustWait' | 'condemn'>
  /** Told of each handshake that proved a key, this node's own too. */
  readonly onHandshake?: (handshake: Handshake) => void
  /** Calls a task once after a time. @default that of the system's clock */
  readonly after?: Clock['after']
  /** Takes libp2p's own figures. @default nobody counts */
  readonly metrics?: () => Metrics
  /** How ways through two routers are opened. @default they are not */
  readonly webRtc?: LazyWebRtcInit
  /** Told of each peer that announces itself in the local network, before it is dialled. */
  readonly onNeighbour?: (id: string, addresses: readonly Multiaddr[]) => void
}

/** What is put behind the guard. */
interface GuardedComponents {
  readonly upgrader: MuxingUpgrader
  readonly registrar: Registrar
  readonly peerStore: PeerStore
  readonly peerId: PeerId
}

/** Admits all. */
const UNGUARDED: Pick<FloodGuard, 'admits' | 'mustWait' | 'condemn'> = {
  admits: () => true,
  mustWait: () => false,
  condemn: () => {},
}

/** Creates the node without starting it. */
export function createLibp2pNode(init: Libp2pNodeInit) {
  const { after = systemClock.after, guard = UNGUARDED, onHandshake } = init
  const secured = new SecuredPeers(onHandshake === undefined ? {} : { onHandshake })
  return createLibp2p({
    start: false,
    privateKey: init.privateKey,
    datastore: new BoundedRecords(),
    nodeInfo: { userAgent: `realmesh/${init.version}` },
    addresses: {
      listen: [...init.listen],
      ...(init.advertise === undefined ? {} : { announceFilter: init.advertise }),
    },
    transports: [
      tcp(),
      relayTransport(init.onRelayTransport ?? (() => {})),
      ...(init.webRtc === undefined ? [] : [lazyWebRtc(init.webRtc)]),
    ],
    connectionEncrypters: [clockTolerantTls({ after, create: secured.watching(tls()) }), secured.watching(noise())],
    streamMuxers: [
      guardedMuxer(
        yamux({
          // Connections are kept alive by discovery/presence/. The first of these pings measures the round trip, by
          // which windows grow; no other is needed.
          keepAliveInterval: MUXER_PING_MS,
          maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
          maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
          streamOptions: {
            maxStreamWindowSize: STREAM_WINDOW_BYTES,
            maxReadBufferLength: STREAM_READ_BUFFER_BYTES,
            maxWriteBufferLength: STREAM_WRITE_BUFFER_BYTES,
          },
        }),
        { guard, after, peerOf: (connection) => secured.peerOf(connection) },
        { maxDataBytes: STREAM_WINDOW_BYTES },
      ),
    ],
    peerDiscovery: init.mdns ? [localDiscovery(init)] : [],
    connectionManager: {
      // By default it asks name servers for every `/dnsaddr/` that a stranger gives as its address.
      resolvers: {},
      maxConnections: MAX_CONNECTIONS,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND,
      inboundConnectionThreshold: INBOUND_PER_SECOND_PER_HOST,
      reconnectRetries: 100,
      reconnectRetryInterval: 500,
      reconnectBackoffFactor: 1,
    },
    // Connected nodes are asked whether they are there by discovery/presence/; a stream for each ping costs ten times
    // that.
    connectionMonitor: { enabled: false },
    // Above the validity of provider records: a record whose peer is forgotten breaks its whole key on that server.
    peerStore: { maxAddressAge: 2 * PROVIDER_VALIDITY_MS, maxPeerAge: 4 * PROVIDER_VALIDITY_MS },
    ...(init.metrics === undefined ? {} : { metrics: init.metrics }),
    ...(init.privateSwarm === undefined ? {} : { connectionProtector: init.privateSwarm.protector }),
    ...(init.connectionGater === undefined ? {} : { connectionGater: init.connectionGater }),
    services: {
      // First: the handlers of the others are registered when they start.
      guard: ({ registrar, peerStore, peerId, upgrader }: GuardedComponents) => {
        boundAddresses(peerStore, peerId)
        throughOneChannel(upgrader, { secured })
        return guardHandlers(registrar, { guard })
      },
      // Done once for a connection: of a peer that answers too late it is never known what it speaks.
      identify: identify({ protocolPrefix: 'realmesh', timeout: PING_TIMEOUT_MS }),
      identifyPush: identifyPush({ protocolPrefix: 'realmesh', timeout: PING_TIMEOUT_MS }),
      ping: ping({
        timeout: PING_TIMEOUT_MS,
        maxInboundStreams: MAX_PINGS_PER_CONNECTION,
        maxOutboundStreams: MAX_PINGS_PER_CONNECTION,
      }),
      dht: (components: KadDHTComponents) => openDht(dht(init.network)(components)),
      pubsub: gossip(init.allowedTopics),
      announcing,
      portMapping: portMapping(init.upnp === true),
      relay: init.relay === undefined ? () => ({}) : relayService(init.relay),
      punch: directDial,
    },
  })
}

export type Libp2pNode = Awaited<ReturnType<typeof createLibp2pNode>>
