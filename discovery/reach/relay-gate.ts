/** Who may be carried through whom: the part of libp2p's connection gater that speaks of relays. */
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'
import type { DenyList } from '../guard/deny-list.ts'
import type { RelayBudget } from './relay-budget.ts'

export interface RelayGateComponents {
  readonly denyList: Pick<DenyList, 'isDenied'>
  readonly budget: Pick<RelayBudget, 'admits' | 'hasRoom'>
  readonly connections: (peer: PeerId) => readonly Pick<Connection, 'direction' | 'direct'>[]
}

type Gates = Required<
  Pick<
    ConnectionGater,
    'denyInboundRelayReservation' | 'denyOutboundRelayedConnection' | 'denyInboundRelayedConnection'
  >
>

export function relayGates({ denyList, budget, connections }: RelayGateComponents): Gates {
  const isDenied = (peer: PeerId): boolean => denyList.isDenied(peer.toString())
  return {
    /** Only a peer that has dialled this node: where it could, others can. */
    denyInboundRelayReservation: (peer) =>
      isDenied(peer) ||
      !budget.hasRoom() ||
      !connections(peer).some(({ direction, direct }) => direction === 'inbound' && direct),
    denyOutboundRelayedConnection: (from, to) =>
      isDenied(from) || isDenied(to) || !budget.admits({ from: from.toString(), to: to.toString() }),
    /** Before its handshake. */
    denyInboundRelayedConnection: (_relay, from) => isDenied(from),
  }
}
