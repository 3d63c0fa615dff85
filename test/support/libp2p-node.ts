/** libp2p nodes in this process, on loopback TCP with the stack that the daemon uses, for tests of protocols. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

/** A started node that listens on a free port, and dials from `localAddress` if one is given. Stop it. */
export async function libp2pNode(privateKey?: PrivateKey, localAddress?: string): Promise<Libp2p> {
  const dialOpts: object = localAddress === undefined ? {} : { localAddress }
  return createLibp2p({
    privateKey: privateKey ?? (await generateKeyPair('Ed25519')),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp({ dialOpts })],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: 2_000,
        maxOutboundStreams: 2_000,
        streamOptions: {
          maxStreamWindowSize: 2 ** 20,
          maxReadBufferLength: 4 * 2 ** 20,
          maxWriteBufferLength: 8 * 2 ** 20,
        },
      }),
    ],
    services: { identify: identify() },
    connectionManager: { inboundConnectionThreshold: 1_000 },
  })
}

/** Two nodes, the first of which is connected to the second. */
export async function libp2pPair(): Promise<readonly [Libp2p, Libp2p]> {
  const pair = [await libp2pNode(), await libp2pNode()] as const
  await pair[0].dial(pair[1].getMultiaddrs())
  return pair
}
