/**
 * Whose neighbour an address is: the /24 of IPv4 and the /48 of IPv6, which is what one customer has at most places.
 * Identities cost nothing, addresses in many subnets do. Pure.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf, isPublic } from './may-dial.ts'
import { relayOf } from './relayed.ts'

/** Unknown strangers of one subnet that are kept in mind; the figure of Ethereum's discv5 for one bucket. */
export const MAX_STRANGERS_PER_SUBNET = 2

/** The same of those that came through one relay: they live in many subnets, of which the relay alone knows. */
export const MAX_STRANGERS_PER_RELAY = 16

const THROUGH = 'relay/'

/** How many unknown strangers of the subnet are kept in mind. */
export function maxStrangersOf(subnet: string): number {
  return subnet.startsWith(THROUGH) ? MAX_STRANGERS_PER_RELAY : MAX_STRANGERS_PER_SUBNET
}

/**
 * The subnet of an address; undefined for private ones, where many nodes live behind one prefix, and for names. Of an
 * address through a relay it is not known: those of one relay count as one place of its own kind.
 */
export function subnetOf(address: Multiaddr): string | undefined {
  const relay = relayOf(address)
  if (relay !== undefined) return `${THROUGH}${relay}`
  const host = hostOf(address)
  if (host === undefined || !isPublic(host)) return undefined
  if (!host.includes(':')) return `${host.split('.').slice(0, 3).join('.')}.0/24`
  const groups = groupsOf(host)
  const [a = 0, b = 0, c = 0, , , f = 0, g = 0, h = 0] = groups
  const mapped = f === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (mapped) return `${g >> 8}.${g & 255}.${h >> 8}.0/24`
  return `${[a, b, c].map((group) => group.toString(16)).join(':')}::/48`
}

/** The eight groups of an IPv6 address, in whatever way it is written. */
function groupsOf(host: string): readonly number[] {
  const written = new URL(`http://[${host}]`).hostname.slice(1, -1)
  const [left = [], right = []] = written
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16))))
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}
