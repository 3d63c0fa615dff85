/** Addresses that lead through a relay: `<where the relay is>/p2p/<relay>/p2p-circuit/p2p/<peer>`. Pure. */
import type { Multiaddr } from '@multiformats/multiaddr'

/** The id of the relay that the address leads through; undefined for an address without one. */
export function relayOf(address: Multiaddr): string | undefined {
  const parts = address.getComponents()
  const circuit = parts.findIndex(({ name }) => name === 'p2p-circuit')
  return circuit < 0 ? undefined : (parts.slice(0, circuit).findLast(({ name }) => name === 'p2p')?.value ?? '')
}

/** Whether the address leads through a relay. */
export function isRelayed(address: Multiaddr): boolean {
  return relayOf(address) !== undefined
}
