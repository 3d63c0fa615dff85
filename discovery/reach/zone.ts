/** From where something can be dialled: the whole internet, or the private network alone. Pure. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf, isLoopback, isPublic } from '../addresses/may-dial.ts'

/** `machine`: this host alone. */
export type Zone = 'public' | 'private' | 'machine'

/** The zone of the first hop; undefined where the address does not tell. */
export function zoneOf(address: Multiaddr): Zone | undefined {
  const host = hostOf(address)
  return host === undefined ? undefined : zoneOfHost(host)
}

export function zoneOfHost(host: string): Zone {
  if (isLoopback(host)) return 'machine'
  return isPublic(host) ? 'public' : 'private'
}
