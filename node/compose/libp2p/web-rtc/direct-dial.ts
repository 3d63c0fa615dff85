/**
 * Dials one address besides libp2p's queue of dials. All that want a connection to a peer join the dial of it that is
 * under way; a punch that takes seconds would hold up lanes, which a relayed connection serves at once. The gater is
 * still asked about the peer.
 */
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What is used of libp2p's components. */
export interface DirectDialComponents {
  readonly transportManager: {
    dial(address: Multiaddr, options: { readonly signal: AbortSignal }): Promise<Connection>
  }
}

export interface DirectDial {
  readonly dial: (address: Multiaddr, signal: AbortSignal) => Promise<Connection>
}

/** A service of libp2p. */
export function directDial({ transportManager }: DirectDialComponents): DirectDial {
  return { dial: (address, signal) => transportManager.dial(address, { signal }) }
}
