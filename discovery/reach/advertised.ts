/** Which addresses this node gives to others: those at which they can dial it. Pure. */
import type { NetworkInterfaceInfo } from 'node:os'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { hostOf } from '../addresses/may-dial.ts'
import { isRelayed } from '../addresses/relayed.ts'
import type { Dialable } from './verdicts.ts'
import { type Zone, zoneOf } from './zone.ts'

/** Bridges and links of container engines and virtual machines: what is behind them is this machine alone. */
const CONTAINER = /^(docker|br-|veth|virbr|vnet|cni|flannel|cali|podman|lxcbr|lxdbr|vmnet|vboxnet|incusbr|nerdctl)/

/** Addresses of interfaces that lead to containers of this machine. */
export function containerHosts(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): ReadonlySet<string> {
  const names = Object.keys(interfaces).filter((name) => CONTAINER.test(name))
  return new Set(names.flatMap((name) => (interfaces[name] ?? []).map(({ address }) => address)))
}

export interface AdvertisedInit {
  /** As libp2p gives them: of interfaces, and those that a router maps. */
  readonly own: readonly Multiaddr[]
  /** See `containerHosts`. */
  readonly containers: ReadonlySet<string>
  /** At which others have dialled it. */
  readonly confirmed: readonly Multiaddr[]
  /** At which relays bring others. */
  readonly seats: readonly Multiaddr[]
  readonly dialable: (zone: Zone) => Dialable
  readonly self: string
}

/**
 * Those that most others can use first, as cards and records have room for some only; each names the node. Addresses of
 * containers and of this machine alone are left out where there are others, public ones where peers could not dial.
 */
export function advertised({ own, containers, confirmed, seats, dialable, self }: AdvertisedInit): Multiaddr[] {
  const direct = own.filter((address) => !isRelayed(address))
  const beyond = direct.filter((address) => {
    const host = hostOf(address)
    return host === undefined || (!containers.has(host) && zoneOf(address) !== 'machine')
  })
  const alive = beyond.filter((address) => zoneOf(address) !== 'public' || dialable('public') !== 'no')
  const outside = alive.filter((address) => zoneOf(address) === 'public' || hostOf(address) === undefined)
  const inside = alive.filter((address) => !outside.includes(address))
  const all = [...confirmed, ...outside, ...seats, ...inside]
  const given = (all.length > 0 ? all : direct).map((address) => addressOf(address, self))
  return [...new Set(given)].map((text) => multiaddr(text))
}

function addressOf(address: Multiaddr, self: string): string {
  const last = address.getComponents().at(-1)
  return last?.name === 'p2p' && last.value === self ? address.toString() : `${address.toString()}/p2p/${self}`
}
