/**
 * A visit to a public DHT that is not ours. It is a libp2p node of its own, with this node's identity, that listens
 * nowhere and serves nothing: peers, protocols and limits of the visited network stay out of our own, and leaving it
 * ends every connection to it.
 */
import { identify } from '@libp2p/identify'
import type { PrivateKey } from '@libp2p/interface'
import { kadDHT, MessageType, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { CID } from 'multiformats/cid'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { MAX_ADDRESSES_PER_PEER, type PeerHint } from '../contact/peer-dialer.ts'

/** Of IPFS's DHT, which its specification calls Amino. */
export const AMINO_PROTOCOL = '/ipfs/kad/1.0.0'

/** Connections of one visit: a walk asks some twenty nodes at a time. */
export const MAX_VISIT_CONNECTIONS = 64

export interface PublicDhtInit {
  readonly privateKey: PrivateKey
  /** Nodes of it to begin with; names are resolved already. */
  readonly bootstrap: readonly Multiaddr[]
  /** Where this node says that it is. */
  readonly shown: readonly Multiaddr[]
  /** Whether an address that is heard of may be dialled, and is worth a hint. */
  readonly mayDial: (address: Multiaddr) => boolean
}

/** What is done there. */
export interface PublicDht {
  /** Says that this node is found under the key. Rejects when nobody took it. */
  provide(key: CID, signal: AbortSignal): Promise<void>
  /** Tells of each peer that is found under the key. */
  find(key: CID, onFound: (hint: PeerHint) => void, signal: AbortSignal): Promise<void>
  /** Leaves it; nothing is sent there any more. */
  leave(): Promise<void>
}

/** Joins it as a client. Throws `PEER_UNREACHABLE` when none of the bootstrap nodes is reached. */
export async function visitPublicDht(init: PublicDhtInit, signal: AbortSignal): Promise<PublicDht> {
  const node = await createVisitor(init)
  await node.start()
  try {
    await joined(node, init, signal)
  } catch (error) {
    await node.stop()
    throw error
  }
  const { dht } = node.services
  return {
    provide: async (key, limit) => {
      let taken = 0
      for await (const event of dht.provide(key, { signal: limit })) {
        if (event.name === 'PEER_RESPONSE' && event.messageType === MessageType.ADD_PROVIDER) taken += 1
      }
      if (taken === 0) throw new RealmeshError('PEER_UNREACHABLE', 'no node of the public DHT took the record')
    },
    find: async (key, onFound, limit) => {
      for await (const event of dht.findProviders(key, { signal: limit })) {
        if (event.name !== 'PROVIDER') continue
        for (const { id, multiaddrs } of event.providers) {
          const addresses = multiaddrs.filter(init.mayDial).slice(0, MAX_ADDRESSES_PER_PEER)
          if (addresses.length > 0 && !id.equals(node.peerId)) onFound({ id: id.toString(), addresses })
        }
      }
    },
    leave: async () => {
      await node.stop()
    },
  }
}

function createVisitor({ privateKey, shown, bootstrap, mayDial }: PublicDhtInit) {
  const named = new Set(bootstrap.map((address) => address.toString()))
  return createLibp2p({
    start: false,
    privateKey,
    addresses: { listen: [], announce: shown.map((address) => address.toString()) },
    transports: [tcp()],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [yamux()],
    connectionManager: { maxConnections: MAX_VISIT_CONNECTIONS, resolvers: {} },
    connectionGater: { denyDialMultiaddr: (address) => !named.has(address.toString()) && !mayDial(address) },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        protocol: AMINO_PROTOCOL,
        clientMode: true,
        logPrefix: 'libp2p:rendezvous-dht',
        datastorePrefix: '/rendezvous-dht',
        metricsPrefix: 'libp2p_rendezvous_dht',
        peerInfoMapper: passthroughMapper, // the gate above judges addresses
        alpha: 3,
        allowQueryWithZeroPeers: false,
      }),
    },
  })
}

type VisitingNode = Awaited<ReturnType<typeof createVisitor>>

async function joined(node: VisitingNode, { bootstrap }: PublicDhtInit, signal: AbortSignal): Promise<void> {
  const dials = await Promise.allSettled(bootstrap.map((address) => node.dial(address, { signal })))
  if (dials.some(({ status }) => status === 'fulfilled')) return
  const failed = dials.find((dial) => dial.status === 'rejected')
  const why = failed === undefined ? 'none is named' : toRealmeshError(failed.reason, 'PEER_UNREACHABLE').message
  throw new RealmeshError('PEER_UNREACHABLE', `no bootstrap node of the public DHT is reached: ${why}`, {
    fix: 'this machine needs a way to the internet by TCP; node.rendezvous.bootstrap names other nodes',
  })
}
