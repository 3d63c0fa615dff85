/** Which peer is meant by what a person types. Pure. */
import type { DeniedPeer } from '../../../discovery/guard/deny-list.ts'
import type { PeerTable } from '../../../discovery/peers/peer-table.ts'

/** As the base58 text of a peer id is. */
const WHOLE_ID = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/

/** Fewer characters of an id name too many peers. */
const SHORTEST_END = 4

export interface NamedPeerComponents {
  readonly peers: Pick<PeerTable, 'entries'>
  readonly names: () => Readonly<Record<string, string>>
  readonly denied: () => readonly DeniedPeer[]
  readonly readings: { readonly peerId: string; neighbours(): readonly { readonly id: string }[] }
}

/**
 * The id that is meant by an id, what the owner calls it, what it calls itself, or the end of its id, in this order.
 * Undefined where that names none, or more than one.
 */
export function namedPeer(text: string, { peers, names, denied, readings }: NamedPeerComponents): string | undefined {
  if (WHOLE_ID.test(text)) return text
  const entries = [...peers.entries()]
  const called = Object.entries(names()).flatMap(([id, name]) => (name === text ? [id] : []))
  const callThemselves = entries.flatMap(({ id, card }) => (card?.name === text ? [id] : []))
  const end = text.replace(/^…/, '')
  const known = [
    ...entries.map(({ id }) => id),
    ...denied().map(({ id }) => id),
    ...readings.neighbours().map(({ id }) => id),
    readings.peerId,
  ]
  const ending = end.length < SHORTEST_END ? [] : [...new Set(known)].filter((id) => id.endsWith(end))
  for (const named of [called, callThemselves, ending])
    if (named.length > 0) return named.length === 1 ? named[0] : undefined
  return undefined
}
