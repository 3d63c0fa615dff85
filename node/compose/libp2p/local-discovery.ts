/**
 * Multicast DNS. Its own events are listened to: libp2p tells every new peer as discovered, by whichever way it was
 * found.
 */
import { mdns } from '@libp2p/mdns'
import type { Multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '../../../core/run/clock.ts'
import { Neighbours } from '../../../discovery/contact/neighbours.ts'

export interface LocalDiscoveryInit {
  readonly network: string
  /** Told of each peer that announces itself in the local network, before it is dialled. */
  readonly onNeighbour?: (id: string, addresses: readonly Multiaddr[]) => void
}

/** The peer discovery of libp2p that speaks multicast DNS. */
export function localDiscovery({ network, onNeighbour }: LocalDiscoveryInit): ReturnType<typeof mdns> {
  const neighbours = new Neighbours({ clock: systemClock })
  const create = mdns({ serviceTag: `_realmesh-${network}._udp.local` })
  return (components) => {
    const discovery = create(components)
    // The first listener: what it does not hear nobody does.
    discovery.addEventListener('peer', (event) => {
      const { id, multiaddrs } = event.detail
      if (neighbours.hears(id.toString())) onNeighbour?.(id.toString(), multiaddrs)
      else event.stopImmediatePropagation()
    })
    return discovery
  }
}
