/** How many connections this node has through each relay. */
import type { Connection, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import { relayOf } from '../addresses/relayed.ts'
import { Tally } from './tally.ts'

/** What is used of libp2p. */
export type RelayedLibp2p = Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener'>

/** Counts from now on, as long as libp2p lives. The function tells the count of a relay, by its peer id. */
export function throughRelays(libp2p: RelayedLibp2p): (relay: string) => number {
  const tally = new Tally()
  const count =
    (by: 1 | -1) =>
    ({ detail }: CustomEvent<Connection>): void => {
      const relay = relayOf(detail.remoteAddr)
      if (relay !== undefined) tally.add(relay, by)
    }
  libp2p.addEventListener('connection:open', count(1))
  libp2p.addEventListener('connection:close', count(-1))
  return (relay) => tally.of(relay)
}
