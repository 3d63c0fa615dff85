/** kad-dht with the parts that our own walks and our care for its routing table use; its published type hides them. */
import type { KadDHT } from '@libp2p/kad-dht'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { TableDht } from '../../../discovery/dht/dht-peers.ts'
import type { WalkedDht } from '../../../discovery/dht/provider-walks.ts'

export type OpenDht = KadDHT & TableDht & WalkedDht

/** The same object. Throws `INTERNAL` when a later kad-dht has its parts no more. */
export function openDht(dht: KadDHT): OpenDht {
  if (!hasParts(dht)) throw new RealmeshError('INTERNAL', 'this version of kad-dht is not the one that is built upon')
  return dht
}

function hasParts(dht: KadDHT): dht is OpenDht {
  return ['protocol', 'routingTable', 'network', 'providers'].every((part) => part in dht)
}
