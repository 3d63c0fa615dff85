/**
 * A public DHT in this process, simulated: nodes with the libraries of IPFS's own on loopback, all of them servers that
 * know each other. It stands for Amino; the real one is of other implementations, other sizes and other speed.
 */

import { identify } from '@libp2p/identify'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { AMINO_PROTOCOL } from '../../discovery/rendezvous/public-dht.ts'
import { openDht } from '../../node/compose/libp2p/open-dht.ts'

type AminoNode = Libp2p<{ readonly dht: KadDHT }>

export class Amino {
  readonly #nodes: AminoNode[] = []

  async start(size: number): Promise<void> {
    for (let n = 0; n < size; n += 1) this.#nodes.push(await aminoNode())
    const [first] = this.#nodes
    for (const node of this.#nodes.slice(1)) await node.dial(first?.getMultiaddrs() ?? [])
    // A few more links each, so that the first is not the middle of all.
    for (const [n, node] of this.#nodes.entries()) {
      for (const step of [1, 3]) await node.dial(this.#nodes[(n + step) % size]?.getMultiaddrs() ?? []).catch(() => {})
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()))
  }

  /** Addresses of some of its nodes, to begin with. */
  get bootstrap(): readonly Multiaddr[] {
    return this.#nodes.slice(0, 3).flatMap((node) => node.getMultiaddrs())
  }

  /** Resolves when none of its nodes is connected to the peer. */
  async untilGone(peer: string): Promise<void> {
    await Promise.all(
      this.#nodes.map(async (node) => {
        while (node.getPeers().some((id) => id.toString() === peer)) {
          await new Promise((resolve) => node.addEventListener('peer:disconnect', resolve, { once: true }))
        }
      }),
    )
  }

  /** In how many of the routing tables the peer is, as a server would be. */
  async tablesWith(peer: PeerId): Promise<number> {
    const found = await Promise.all(this.#nodes.map((node) => openDht(node.services.dht).routingTable.find(peer)))
    return found.filter((id) => id !== undefined).length
  }
}

async function aminoNode(): Promise<AminoNode> {
  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        protocol: AMINO_PROTOCOL,
        clientMode: false,
        peerInfoMapper: passthroughMapper,
        initialQuerySelfInterval: 100,
      }),
    },
  })
}
