/** Connects to a peer whose addresses the owner named. */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'
import { addressedTo } from '../../../discovery/contact/peer-dialer.ts'
import type { FirstPeerWatch } from '../../../discovery/ways-in/first-peer.ts'

/** How long a peer may take to be met, at all of its addresses together. */
const MEET_MS = 15_000

export interface MeetComponents {
  readonly libp2p: {
    getConnections(peer: PeerId): Connection[]
    dial(target: Multiaddr[], options: { readonly signal: AbortSignal }): Promise<Connection>
  }
  readonly dialGate: { tell(addresses: readonly Multiaddr[]): void }
  readonly firstPeer: Pick<FirstPeerWatch, 'name'>
}

export interface MeetInit {
  /** Multiaddrs; they may be dialled, wherever they lie. */
  readonly at: readonly string[]
  readonly signal: CancelSignal
  readonly clock: Clock
}

/** The connection that there is, else one made at these addresses. Rejects as libp2p does. */
export async function meet(
  { libp2p, dialGate, firstPeer }: MeetComponents,
  peer: string,
  { at, signal, clock }: MeetInit,
): Promise<Connection> {
  const [open] = libp2p.getConnections(peerIdFromString(peer))
  if (open !== undefined) return open
  const addresses = at.map((address) => addressedTo(multiaddr(address), peer))
  dialGate.tell(addresses)
  firstPeer.name('invitation', peer, addresses)
  const dial = (limited: AbortSignal): Promise<Connection> => libp2p.dial(addresses, { signal: limited })
  return await withinLimit(signal, MEET_MS, 'no connection', dial, clock)
}
