/** Where a node answers STUN requests: by UDP, where it listens by TCP. Pure. */
import { isIPv6 } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { StunPlace } from './responder.ts'

/** `listen`: as configured, where port 0 is any. `bound`: what is listened on by now. */
export function stunPlaces(listen: readonly string[], bound: readonly Multiaddr[]): readonly StunPlace[] {
  const ports = bound.flatMap((address) => placeOf(address) ?? [])
  const places = listen.flatMap((text) => placeOf(multiaddr(text)) ?? [])
  return places.flatMap(({ host, port }) => {
    const given = port === 0 ? ports.find((one) => isIPv6(one.host) === isIPv6(host))?.port : port
    return given === undefined ? [] : [{ host, port: given }]
  })
}

/** Undefined where the address does not begin with IP and TCP. */
function placeOf(address: Multiaddr): StunPlace | undefined {
  const [first, second] = address.getComponents()
  const isPlain = (first?.name === 'ip4' || first?.name === 'ip6') && second?.name === 'tcp'
  if (!isPlain || address.getComponents().some(({ name }) => name === 'p2p-circuit')) return undefined
  return { host: first.value ?? '', port: Number(second.value) }
}
