/** The two ends of queries, lanes to peers and those of peers to us, and what keeps the links below them. */
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../../core/logger.ts'
import type { NodeLoad } from '../../../core/model/load.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { FederationDiscovery } from '../../../discovery/federation-discovery.ts'
import { type DenyList, shutOut } from '../../../discovery/guard/deny-list.ts'
import { RuleBreakers } from '../../../discovery/guard/rule-breakers.ts'
import { Libp2pLinks } from '../../../discovery/links/libp2p-links.ts'
import { RelayedBytes } from '../../../discovery/links/relayed-bytes.ts'
import type { PeerTable } from '../../../discovery/peers/peer-table.ts'
import { StayingIn } from '../../../discovery/wake/staying-in.ts'
import { QueryClient } from '../../../protocols/query/asking/client.ts'
import { DEFAULT_LANES_PER_PEER, TRUSTED_LANES_PER_PEER } from '../../../protocols/query/constants.ts'
import type { AdmitQuery } from '../../../protocols/query/serving/admitted.ts'
import { QueryServer } from '../../../protocols/query/serving/server.ts'
import type { Libp2pNode } from '../libp2p/libp2p-node.ts'

export interface QueryLanesComponents {
  readonly libp2p: Libp2pNode
  readonly denyList: DenyList
  /** A peer from there was shut out. */
  readonly charge: (address: Multiaddr) => void
  readonly peers: PeerTable
  readonly discovery: Pick<FederationDiscovery, 'remembered' | 'hurry'>
  readonly load: () => NodeLoad
  readonly admit: AdmitQuery
  readonly clock: Clock
  readonly log: Logger
}

export interface QueryLanes {
  readonly client: QueryClient
  readonly server: QueryServer
  readonly staying: StayingIn
  /** What the owner should know of the ways to peers, a line each. */
  readonly warnings: () => readonly string[]
}

/** Nothing is started. */
export function composeQueryLanes(components: QueryLanesComponents, init: { readonly network: string }): QueryLanes {
  const { libp2p, denyList, charge, peers, discovery, load, admit, clock, log } = components
  const lanes = {
    network: init.network,
    // Own rigs trust each other with as many queries at once as the streams allow; others get what a stranger may cost.
    maxLanesPerPeer: (peer: string): number =>
      peers.relation(peer) === 'home' ? TRUSTED_LANES_PER_PEER : DEFAULT_LANES_PER_PEER,
  }
  const breakers = new RuleBreakers({
    clock,
    log,
    relation: (peer) => peers.relation(peer),
    shutOut: (peer, reason) => shutOut({ libp2p, denyList, log, charge }, peer, `query protocol: ${reason}`),
  })
  const staying = new StayingIn({
    ...{ libp2p, table: peers, clock, log },
    remembered: () => discovery.remembered(),
    busy: () => new Set([...client.asked, ...server.askers]),
    hurry: (upset) => discovery.hurry(upset === 'moved'),
  })
  const relayed = new RelayedBytes({ clock })
  const links = new Libp2pLinks({ libp2p, relayed, onDoubt: staying.doubt })
  const onLoad = peers.setLoad.bind(peers)
  const onRtt = peers.setRtt.bind(peers)
  const onMalformed = (peer: string, reason: string): void => breakers.note(peer, reason)
  const client = new QueryClient({ links, clock, log, onLoad, onRtt }, lanes)
  const server = new QueryServer({ links, clock, log, load, admit, onMalformed }, lanes)
  return { client, server, staying, warnings: () => relayed.warnings() }
}
