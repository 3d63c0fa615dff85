/** The nodes whose cards are known, this one first. */
import type { Clock } from '../../core/run/clock.ts'
import type { CardFacts } from '../../discovery/own-card.ts'
import { believedLoad } from '../../discovery/peers/peer-entry.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import type { SeenNode } from './swarm-sums.ts'

/** A node that was heard of within two looks counts as alive. */
const ALIVE_MS = 10 * 60_000

export interface SeenNodesComponents {
  readonly peers: Pick<PeerTable, 'entries'>
  readonly clock: Pick<Clock, 'monotonic'>
  /** What the own card says. */
  readonly cardFacts: () => CardFacts
  readonly membership: { readonly id: string; readonly label: string }
}

export function seenNodes({ peers, clock, cardFacts, membership }: SeenNodesComponents): readonly SeenNode[] {
  const now = clock.monotonic()
  const others = [...peers.entries()].flatMap((entry): readonly SeenNode[] => {
    const { card, connected, heardAt } = entry
    const running = believedLoad(entry, now)?.total?.running ?? 0
    return card === undefined ? [] : [{ card, alive: connected || now - heardAt < ALIVE_MS, running }]
  })
  const federation = { publicKey: membership.id, label: membership.label }
  return [{ card: { ...cardFacts(), federation }, alive: true, running: 0 }, ...others]
}
