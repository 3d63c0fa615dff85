/** Whether neighbours that announce themselves in the local network can be reached. */
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Finding } from '../../../core/model/finding.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { found } from '../codes/found.ts'
import { connectionWith } from './bootstrap.ts'
import type { DialResult, HeardNeighbour, SwarmReadings } from './swarm-readings.ts'

/** Neighbours that one look dials: anybody in the local network can announce as many as they like. */
const MAX_DIALLED_NEIGHBOURS = 8

export interface NeighbourFacts extends HeardNeighbour {
  readonly connected: boolean
  readonly dials: readonly DialResult[]
}

/** Those that are not connected are dialled. */
export async function readNeighbours(
  readings: Pick<SwarmReadings, 'neighbours' | 'connections' | 'dial' | 'peerId'>,
  signal: CancelSignal,
): Promise<readonly NeighbourFacts[]> {
  const others = readings.neighbours().filter(({ id }) => id !== readings.peerId)
  return await Promise.all(
    others.slice(0, MAX_DIALLED_NEIGHBOURS).map(async (neighbour) => {
      const { id, addresses } = neighbour
      const dial = (address: string): Promise<DialResult> => readings.dial(id, address, { told: true, signal })
      const known = connectionWith(id, readings) !== undefined
      const dials = known ? [] : await Promise.all(outsideLoopback(addresses).map(dial))
      return { ...neighbour, connected: connectionWith(id, readings) !== undefined, dials }
    }),
  )
}

const AT_LOOPBACK = /^\/(ip4\/127\.|ip6\/::1\/)/

/** Loopback is another machine's own, unless the neighbour is nowhere else: then it is on this machine. */
function outsideLoopback(addresses: readonly string[]): readonly string[] {
  const outside = addresses.filter((address) => !AT_LOOPBACK.test(address))
  return outside.length > 0 ? outside : addresses
}

/** Subnets of this machine, as CIDR. */
export function ownSubnets(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ cidr }) => cidr ?? [])
}

/** `mdns`: whether neighbours are looked for at all; `subnets`: those of this machine, as CIDR. Pure. */
export function judgeNeighbours(
  neighbours: readonly NeighbourFacts[],
  { mdns, subnets }: { readonly mdns: boolean; readonly subnets: readonly string[] },
): readonly Finding[] {
  if (!mdns) return [found('mdns.off', 'looking for neighbours is switched off')]
  if (neighbours.length === 0) return [found('mdns.nobody', 'no neighbour is heard in the local network')]
  const lost = neighbours.filter(({ connected }) => !connected)
  if (lost.length === 0) {
    return [found('mdns.ok', `${neighbours.length} neighbours are heard and reached`, { facts: { neighbours } })]
  }
  return lost.map((neighbour) => judgeLost(neighbour, listOf(subnets)))
}

function judgeLost({ id, addresses, dials }: NeighbourFacts, own: BlockList): Finding {
  const name = `neighbour …${id.slice(-8)}`
  const hosts = outsideLoopback(addresses).flatMap((address) => /^\/ip[46]\/([^/]+)/.exec(address)?.[1] ?? [])
  const facts = { peer: id, addresses, dials }
  if (hosts.length > 0 && !hosts.some((host) => own.check(host, family(host)))) {
    return found('mdns.other-subnet', `${name} is heard, and is at ${hosts.slice(0, 3).join(', ')} only`, { facts })
  }
  const why = dials.find(({ problem }) => problem !== undefined)?.problem ?? 'no connection'
  return found('mdns.isolated', `${name} is heard and cannot be dialled: ${why}`, { facts })
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net = '', bits = ''] = subnet.split('/')
    if (isIP(net) !== 0) list.addSubnet(net, Number(bits), family(net))
  }
  return list
}

function family(host: string): 'ipv4' | 'ipv6' {
  return isIP(host) === 4 ? 'ipv4' : 'ipv6'
}
