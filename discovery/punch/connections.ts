/** What kinds of connections to one peer there are, and which of two nodes opens the direct one. Pure. */
import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { hostOf, isPublic } from '../addresses/may-dial.ts'

/** What is used of a connection. */
export type PunchedConnection = Pick<Connection, 'direction' | 'remoteAddr' | 'status'>

/** Whether a relay carries its bytes. A punched one may still name the relay that helped at its start. */
export function isCarried({ remoteAddr }: Pick<Connection, 'remoteAddr'>): boolean {
  const names = remoteAddr.getComponents().map(({ name }) => name)
  return names.lastIndexOf('p2p-circuit') > names.lastIndexOf('webrtc')
}

/** The open connections through relays, when there are no others; none when the peer is reached directly. */
export function onlyCarried<C extends PunchedConnection>(connections: readonly C[]): readonly C[] {
  const open = connections.filter(({ status }) => status === 'open')
  return open.every(isCarried) ? open : []
}

/**
 * Whether this node tries, rather than the peer: both know who dialled the relayed connection, which also is the one
 * whose network may have changed. Where both have dialled, the one with the lower id tries.
 */
export function isOurTurn(carried: readonly PunchedConnection[], self: string, peer: string): boolean {
  const directions = new Set(carried.map(({ direction }) => direction))
  return directions.has('outbound') && (!directions.has('inbound') || self < peer)
}

/** Where a relayed connection becomes a direct one: through the same relay, by signalling. */
export function punchedAddress({ remoteAddr }: Pick<Connection, 'remoteAddr'>, peer: string): Multiaddr {
  return multiaddr(`${remoteAddr.toString().replace(/\/p2p\/[^/]+$/, '')}/webrtc/p2p/${peer}`)
}

/** Those addresses of a peer at which anyone on the internet reaches it, if they are what the peer takes them for. */
export function dialableOf(addresses: readonly Multiaddr[]): readonly Multiaddr[] {
  return addresses.filter((address) => {
    const host = hostOf(address)
    const names = address.getComponents().map(({ name }) => name)
    return host !== undefined && isPublic(host) && names.includes('tcp') && !names.includes('p2p-circuit')
  })
}
