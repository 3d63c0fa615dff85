/** Which addresses are fit for a public DHT: those that anybody can dial. Private ones would tell of the home. Pure. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf, isPublic } from '../addresses/may-dial.ts'

/** Whether the address, or the relay that it leads through, is on the public internet by its number. */
export function isShown(address: Multiaddr): boolean {
  const host = hostOf(address)
  return host !== undefined && isPublic(host)
}
