/** Where a peer can be dialled again, best first: the address that just worked, then what it says of itself. */
import type { Connection, PeerId } from '@libp2p/interface'
import { MAX_ADDRESSES_PER_PEER } from './peer-dialer.ts'

/** What is used of libp2p. */
export interface AddressBook {
  readonly peerStore: {
    get(peer: PeerId): Promise<{ readonly addresses: readonly { readonly multiaddr: { toString(): string } }[] }>
  }
  getConnections(peer: PeerId): Pick<Connection, 'direction' | 'remoteAddr'>[]
}

/** The text of an address without the peer's id at its end, so that equal addresses are seen as equal. */
export function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

/** At most MAX_ADDRESSES_PER_PEER multiaddrs; none when nothing is known. */
export async function knownAddresses(libp2p: AddressBook, peer: PeerId): Promise<readonly string[]> {
  const dialled = libp2p
    .getConnections(peer)
    .filter((connection) => connection.direction === 'outbound')
    .map((connection) => connection.remoteAddr.toString())
  const said = await libp2p.peerStore.get(peer).then(
    (known) => known.addresses.map(({ multiaddr }) => multiaddr.toString()),
    () => [], // not in the peer store any more: what was dialled is all there is
  )
  return [...new Set([...dialled, ...said].map(withoutPeer))].slice(0, MAX_ADDRESSES_PER_PEER)
}
