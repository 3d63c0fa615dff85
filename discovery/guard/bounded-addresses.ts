/**
 * How many addresses libp2p keeps of one peer. It compares all of them with each other whenever one is added, and a
 * peer may name new ones with every DHT record: with some thousands each record would hold the loop for seconds.
 */
import type { Address, PeerData, PeerId, PeerStore } from '@libp2p/interface'
import { Turns } from '../../core/run/turns.ts'

/** Addresses that are kept of one peer: a host with many interfaces names some twenty. */
export const MAX_KEPT_ADDRESSES = 32

/** Bounds what `store` keeps of every peer but `self`. What is known of a peer stays, what is added fills the room. */
export function boundAddresses(store: PeerStore, self: PeerId): void {
  // One at a time: two that look for room at once would both find it.
  const turns = new Turns()
  for (const way of ['merge', 'patch', 'save'] as const) {
    const write = store[way].bind(store)
    store[way] = (id, data, options) => {
      const given = addressesOf(data)
      if (given === undefined || self.equals(id)) return write(id, data, options)
      const { multiaddrs: _, ...rest } = data
      return turns.take(async () => {
        const known = way === 'merge' ? await knownOf(store, id) : NONE
        return await write(id, { ...rest, addresses: fitting(given, known) }, options)
      })
    }
  }
}

const NONE: ReadonlySet<string> = new Set()

/** The first few, for there may be thousands; undefined where the data says nothing of them. */
function addressesOf({ addresses, multiaddrs }: PeerData): readonly Address[] | undefined {
  const first = addresses?.slice(0, MAX_KEPT_ADDRESSES)
  if (multiaddrs === undefined) return first
  const others = multiaddrs.slice(0, MAX_KEPT_ADDRESSES)
  return [...(first ?? []), ...others.map((multiaddr) => ({ multiaddr, isCertified: false }))]
}

async function knownOf(store: PeerStore, id: PeerId): Promise<ReadonlySet<string>> {
  if (!(await store.has(id))) return NONE
  return new Set((await store.get(id)).addresses.map(({ multiaddr }) => multiaddr.toString()))
}

/** Those that are not `known`, as many as there is room for. */
function fitting(given: readonly Address[], known: ReadonlySet<string>): Address[] {
  const unknown = known.size === 0 ? given : given.filter(({ multiaddr }) => !known.has(multiaddr.toString()))
  return unknown.slice(0, Math.max(0, MAX_KEPT_ADDRESSES - known.size))
}
