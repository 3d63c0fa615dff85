/**
 * How many addresses libp2p keeps of one peer. It compares all of them with each other whenever one is added, and a
 * peer may name new ones with every DHT record: with some thousands each record would hold the loop for seconds.
 */
import type { Address, PeerData, PeerId, PeerStore } from '@libp2p/interface'

/** Addresses that are kept of one peer: a host with many interfaces names some twenty. */
export const MAX_KEPT_ADDRESSES = 32

/**
 * Bounds what `store` keeps of every peer but `self`. What is known of a peer stays, what is added fills the room. To
 * read what is kept of a peer waits for what was asked to be written of it before, as in libp2p's own store: a walk
 * through the DHT dials a peer right after it heard of its addresses, and would search the DHT for them again.
 */
export function boundAddresses(store: PeerStore, self: PeerId): void {
  const has = store.has.bind(store)
  const get = store.get.bind(store)
  /** What settles when all is written that was asked for until now, by peer. */
  const writing = new Map<string, Promise<unknown>>()

  /** One at a time for each peer: two that look for room at once would both find it. */
  const inTurn = <T>(id: PeerId, work: () => Promise<T>): Promise<T> => {
    const peer = id.toString()
    const mine = Promise.resolve(writing.get(peer)).then(work)
    const over = mine
      .catch(() => {}) // told to the one that asked for it
      .then(() => {
        if (writing.get(peer) === over) writing.delete(peer)
      })
    writing.set(peer, over)
    return mine
  }
  const knownOf = async (id: PeerId): Promise<ReadonlySet<string>> =>
    (await has(id)) ? new Set((await get(id)).addresses.map(({ multiaddr }) => multiaddr.toString())) : NONE

  for (const way of ['merge', 'patch', 'save'] as const) {
    const write = store[way].bind(store)
    store[way] = (id, data, options) => {
      const given = addressesOf(data)
      if (given === undefined || self.equals(id)) return write(id, data, options)
      const { multiaddrs: _, ...rest } = data
      return inTurn(id, async () => {
        const known = way === 'merge' ? await knownOf(id) : NONE
        return await write(id, { ...rest, addresses: fitting(given, known) }, options)
      })
    }
  }
  store.has = async (id, options) => {
    await writing.get(id.toString())
    return await has(id, options)
  }
  store.get = async (id, options) => {
    await writing.get(id.toString())
    return await get(id, options)
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

/** Those that are not `known`, as many as there is room for. */
function fitting(given: readonly Address[], known: ReadonlySet<string>): Address[] {
  const unknown = known.size === 0 ? given : given.filter(({ multiaddr }) => !known.has(multiaddr.toString()))
  return unknown.slice(0, Math.max(0, MAX_KEPT_ADDRESSES - known.size))
}
