/**
 * kad-dht with the parts that our own walks and our care for its routing table use, and those that have no option; its
 * published type hides them.
 */
import type { KadDHT } from '@libp2p/kad-dht'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { TableDht } from '../../../discovery/dht/dht-peers.ts'
import type { WalkedDht } from '../../../discovery/dht/provider-walks.ts'

export type OpenDht = KadDHT & TableDht & WalkedDht & TunedDht

/**
 * How often the routing table is filled by walks to made-up keys. What it holds is checked whenever it is used, and
 * every walk adds to it; each round is some six walks.
 */
const REFRESH_MS = 6 * 3_600_000

/** What is set although there is no option for it. */
interface TunedDht {
  readonly routingTableRefresh: { refreshInterval: number }
  readonly routingTable: { readonly closestPeerTagger: { peerSetSize: number } }
}

/**
 * The same object, which holds no connections for itself: it would keep twenty, and dial them again for ever. Throws
 * `INTERNAL` when a later kad-dht has its parts no more.
 */
export function openDht(dht: KadDHT): OpenDht {
  if (!hasParts(dht)) throw new RealmeshError('INTERNAL', 'this version of kad-dht is not the one that is built upon')
  dht.routingTableRefresh.refreshInterval = REFRESH_MS
  dht.routingTable.closestPeerTagger.peerSetSize = 0
  return dht
}

function hasParts(dht: KadDHT): dht is OpenDht {
  const parts = ['protocol', 'routingTable', 'network', 'providers', 'routingTableRefresh']
  return parts.every((part) => part in dht) && 'closestPeerTagger' in (dht as unknown as OpenDht).routingTable
}
