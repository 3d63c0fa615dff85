/** libp2p as the swarm's host: who may connect and be dialled, and what is shut out. */
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DialGate } from '../../../discovery/contact/dial-gate.ts'
import type { TwinWatch } from '../../../discovery/contact/twin-watch.ts'
import { cutBlocked, type DenyList } from '../../../discovery/guard/deny-list.ts'
import type { ClockSkews } from '../../../discovery/load/clock-skews.ts'
import type { PeerTable } from '../../../discovery/peers/peer-table.ts'
import type { RelayBudget } from '../../../discovery/reach/relay-budget.ts'
import type { FirstPeerWatch } from '../../../discovery/ways-in/first-peer.ts'
import type { HeardNeighbours } from '../../doctor/swarm/heard-neighbours.ts'
import type { SwarmFigures } from '../../operate/swarm-figures.ts'
import type { Libp2pNode } from '../libp2p/libp2p-node.ts'
import type { SeatedTransport } from '../libp2p/reach/relaying.ts'
import type { PunchingRoom } from '../libp2p/web-rtc/punching-room.ts'

/** libp2p, and who may not connect or be dialled. */
export interface Host {
  readonly libp2p: Libp2pNode
  readonly denyList: DenyList
  /** A peer from there was shut out, or knocked although it is. */
  readonly charge: (address: Multiaddr) => void
  readonly dialGate: DialGate
  readonly twins: TwinWatch
  readonly clocks: ClockSkews
  readonly neighbours: HeardNeighbours
  readonly firstPeer: FirstPeerWatch
  readonly figures: SwarmFigures
  /** Direct ways to peers that are reached over relays. */
  readonly punching: PunchingRoom
  /** What it carries for others. */
  readonly budget: RelayBudget
  /** Where its own seats at relays are kept. */
  readonly seats: SeatedTransport['reservationStore']
  /** From now on these addresses are given to others, and no longer what libp2p would give by itself. */
  readonly advertise: (addresses: () => Multiaddr[]) => void
}

/** At once: who is newly blocked is cut off and forgotten. */
export function block({ denyList, libp2p }: Host, peers: PeerTable, blocked: readonly string[]): void {
  const fresh = denyList.block(blocked)
  cutBlocked({ libp2p }, fresh)
  for (const peer of fresh) peers.forget(peer)
}
