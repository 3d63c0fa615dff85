/**
 * Which addresses libp2p gives to others, when they change for reasons of ours: it asks for them anew only when one of
 * its own is confirmed or given up.
 */
import type { Multiaddr } from '@multiformats/multiaddr'

export interface Announcing {
  /** Where this node listens, and what routers map to it; also public addresses that nobody has confirmed. */
  own(): readonly Multiaddr[]
  /** `before` are given to others no more, `now` are. Peers are told within a second. */
  changed(before: readonly Multiaddr[], now: readonly Multiaddr[]): void
}

/** What is used of libp2p's address manager. */
interface AddressManager {
  getAddressesWithMetadata(): readonly { readonly multiaddr: Multiaddr; readonly type: string }[]
  confirmObservedAddr(address: Multiaddr, options: { readonly type: 'transport' }): void
  removeObservedAddr(address: Multiaddr): void
}

/** A service of libp2p. What is given at last is what the announce filter of the node says. */
export function announcing({ addressManager }: { readonly addressManager: AddressManager }): Announcing {
  return {
    own: () =>
      addressManager
        .getAddressesWithMetadata()
        .filter(({ type }) => type !== 'observed')
        .map(({ multiaddr }) => multiaddr),
    changed: (before, now) => {
      const known = new Set(before.map(String))
      const kept = new Set(now.map(String))
      for (const address of now) {
        if (!known.has(address.toString())) addressManager.confirmObservedAddr(address, { type: 'transport' })
      }
      for (const address of before) if (!kept.has(address.toString())) addressManager.removeObservedAddr(address)
    },
  }
}
