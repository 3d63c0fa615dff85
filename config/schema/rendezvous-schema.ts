/** `node.rendezvous` of realms.yml, where nodes meet that know no address of each other: as written and as composed. */
import { z } from 'zod'
import { list, peerMultiaddr } from './schema-parts.ts'

/** The public DHT's own bootstrap nodes, as kubo, the reference implementation, lists them. */
export const AMINO_BOOTSTRAP: readonly string[] = [
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt',
  '/dnsaddr/va1.bootstrap.libp2p.io/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8',
  '/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ',
]

export const rendezvousSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Look for the network in the public DHT of IPFS, and be found there, while peers are few.'),
    secret: z
      .string()
      .min(8)
      .max(256)
      .optional()
      .describe("What all nodes of the network know. Default: the network's name, by which anybody can list them."),
    epoch_hours: z
      .int()
      .min(1)
      .max(6)
      .default(3)
      .describe('After so many hours nodes meet elsewhere; the same on all of them.'),
    enough_peers: z.int().min(1).max(64).default(4).describe('With so many peers the public DHT is left again.'),
    bootstrap: list(peerMultiaddr)
      .default([...AMINO_BOOTSTRAP])
      .describe('Nodes of the public DHT to begin with. Default: those of IPFS.'),
  })
  .prefault({})
  .describe('Where nodes of the network meet that know no address of each other.')

type RendezvousFile = z.output<typeof rendezvousSchema>

export interface RendezvousConfig {
  /** Default false. */
  readonly enabled: boolean
  /** Undefined: the name of the network stands for it. */
  readonly secret: string | undefined
  /** Default three hours. */
  readonly epochMs: number
  /** Default 4. */
  readonly enoughPeers: number
  /** Multiaddrs of nodes of the public DHT. */
  readonly bootstrap: readonly string[]
}

/** The section of a file that has passed the schema. */
export function resolveRendezvous(file: RendezvousFile): RendezvousConfig {
  return {
    enabled: file.enabled,
    secret: file.secret,
    epochMs: file.epoch_hours * 3_600_000,
    enoughPeers: file.enough_peers,
    bootstrap: file.bootstrap,
  }
}
