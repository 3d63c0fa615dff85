/** What tells the network that this machine is in from others. Pure. */
import type { NetworkInterfaceInfo } from 'node:os'

/** As `os.networkInterfaces()` has them. */
export type OwnInterfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * The networks of all interfaces, sorted: IPv4 by its address, IPv6 by its /64, for its lower half is drawn anew every
 * day. Loopback and link-local addresses are everywhere the same.
 */
export function ownNetworkOf(interfaces: OwnInterfaces): string {
  const places = Object.values(interfaces).flatMap((infos) =>
    (infos ?? []).flatMap(({ address, family, internal }) => {
      if (internal || address.startsWith('fe80:') || address.startsWith('169.254.')) return []
      return [family === 'IPv6' ? prefixOf(address) : address]
    }),
  )
  return [...new Set(places)].sort().join(' ')
}

/** The /64: what comes before `::` when that is short enough, as the system writes addresses. */
function prefixOf(address: string): string {
  return (address.split('::')[0] ?? '').split(':').slice(0, 4).join(':')
}
