/**
 * Which addresses this node dials. A peer that joins the swarm can name any address as its own: without a rule it would
 * steer our connections to our router, to the printer, to a database on loopback. Pure.
 */
import { BlockList, isIP } from 'node:net'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * `told`: by the owner (bootstrap peers), by a neighbour in the local network itself (mDNS), or as an address of the
 * own federation. `heard`: from any other source, be it by DHT, identify, card or gossip.
 */
export type HowLearned = 'told' | 'heard'

/** Where this node itself is. */
export interface OwnPlace {
  /** Addresses at which it listens. */
  readonly addresses: readonly Multiaddr[]
  /** Private networks, as CIDR, in which the owner lets it dial whomever it hears of. */
  readonly networks: readonly string[]
}

interface PrivateRange {
  readonly range: string
  /**
   * Leading bits that a heard address must share with an own one: the subnet as routers at home hand it out. Wider
   * networks are for mDNS, which knows them, or for the owner to name. Undefined: none helps.
   */
  readonly shared?: number
}

/** What does not lead to the public internet. Loopback is judged by itself. */
const PRIVATE: readonly PrivateRange[] = [
  { range: '10.0.0.0/8', shared: 24 },
  { range: '172.16.0.0/12', shared: 24 },
  { range: '192.168.0.0/16', shared: 24 },
  { range: '100.64.0.0/10', shared: 10 }, // meshes such as Tailscale: one net, with addresses all over it
  { range: 'fc00::/7', shared: 48 }, // the part that is drawn once per site
  { range: '169.254.0.0/16' }, // the metadata of cloud machines is here
  { range: 'fe80::/10' },
  { range: '0.0.0.0/8' }, // connects to this machine
  { range: '::/128' },
  { range: '224.0.0.0/3' }, // multicast, reserved, broadcast
  { range: 'ff00::/8' },
  { range: '64:ff9b::/96' }, // an IPv4 address of any kind inside
  { range: '2002::/16' },
]

const LOOPBACK = listOf(['127.0.0.0/8', '::1/128'])
const LISTS = PRIVATE.map(({ range, shared }) => ({ list: listOf([range]), shared }))

/** Whether `address`, learned so, may be dialled from `own`. */
export function mayDial(address: Multiaddr, learned: HowLearned, own: OwnPlace): boolean {
  if (learned === 'told') return true
  const host = hostOf(address)
  if (host === undefined) return false // a name can be made to point anywhere
  if (has(listOf(own.networks), host)) return true
  const owns = own.addresses.flatMap((one) => hostOf(one) ?? [])
  if (has(LOOPBACK, host)) return owns.includes(host) && owns.every((one) => has(LOOPBACK, one))
  const found = LISTS.find(({ list }) => has(list, host))
  if (found === undefined) return true
  const { list, shared } = found
  return shared !== undefined && owns.some((one) => has(list, one) && has(listOf([`${one}/${shared}`]), host))
}

/** The IP address of the first hop; undefined when the address begins with anything else. */
export function hostOf(address: Multiaddr): string | undefined {
  const first = address.getComponents().find(({ name }) => name !== 'ip6zone')
  return (first?.name === 'ip4' || first?.name === 'ip6') && first.value !== undefined ? first.value : undefined
}

/** Whether a host is this machine itself. */
export function isLoopback(host: string): boolean {
  return has(LOOPBACK, host)
}

/** Whether a host is on the public internet, as far as its address tells. */
export function isPublic(host: string): boolean {
  return !has(LOOPBACK, host) && !LISTS.some(({ list }) => has(list, host))
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/')
    list.addSubnet(net, Number(bits), family(net))
  }
  return list
}

/** An IPv4 address within an IPv6 one is found in the ranges of IPv4. */
function has(list: BlockList, host: string): boolean {
  return list.check(host, family(host))
}

function family(host: string): 'ipv4' | 'ipv6' {
  return isIP(host) === 4 ? 'ipv4' : 'ipv6'
}
