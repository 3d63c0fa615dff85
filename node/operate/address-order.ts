/**
 * Addresses of this node in the order in which they help others: the local network first, what only this machine can
 * dial last. Pure.
 */
import { BlockList } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isPublic } from '../../discovery/addresses/may-dial.ts'

/** Where a host that has the address can be dialled from. */
type Reach = 'lan' | 'overlay' | 'outside' | 'machine'

const LAN = new BlockList()
LAN.addSubnet('192.168.0.0', 16, 'ipv4')
LAN.addSubnet('10.0.0.0', 8, 'ipv4')
/** Bridges of container engines live here too, beside true local networks. */
const OVERLAY = new BlockList()
OVERLAY.addSubnet('172.16.0.0', 12, 'ipv4')
OVERLAY.addSubnet('100.64.0.0', 10, 'ipv4')
const MACHINE = new BlockList()
MACHINE.addSubnet('127.0.0.0', 8, 'ipv4')
MACHINE.addSubnet('169.254.0.0', 16, 'ipv4')
MACHINE.addSubnet('fe80::', 10, 'ipv6')
MACHINE.addAddress('::1', 'ipv6')

const ORDER: Readonly<Record<Reach, number>> = { lan: 0, overlay: 1, outside: 2, machine: 3 }

function reachOf(multiaddr: string): Reach {
  const { ip4, ip6 } = /^\/(?:ip4\/(?<ip4>[^/]+)|ip6\/(?<ip6>[^/]+))/.exec(multiaddr)?.groups ?? {}
  const [host, family] = ip4 === undefined ? [ip6, 'ipv6' as const] : [ip4, 'ipv4' as const]
  if (host === undefined) return 'outside' // a name
  if (MACHINE.check(host, family)) return 'machine'
  if (LAN.check(host, family)) return 'lan'
  return OVERLAY.check(host, family) ? 'overlay' : 'outside'
}

/** All of them; those of one kind stay in their order. */
export function byUse(multiaddrs: readonly string[]): readonly string[] {
  return [...multiaddrs].sort((a, b) => ORDER[reachOf(a)] - ORDER[reachOf(b)])
}

/** Those that another machine can dial; where there is none, all, for others on this machine can. */
export function forOthers(multiaddrs: readonly string[]): readonly string[] {
  const ordered = byUse(multiaddrs)
  const dialable = ordered.filter((address) => reachOf(address) !== 'machine')
  return dialable.length > 0 ? dialable : ordered
}

/** Those that anybody on the internet can dial, as far as their numbers tell, without a relay between. */
export function publicOnes(multiaddrs: readonly string[]): readonly string[] {
  return multiaddrs.filter((text) => {
    const host = hostOf(multiaddr(text))
    return host !== undefined && isPublic(host) && !text.includes('/p2p-circuit')
  })
}
