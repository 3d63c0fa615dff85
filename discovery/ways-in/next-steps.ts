/**
 * What a person does when a node finds no other: told by the banner, the log and `realmesh status` in the same words.
 * Pure.
 */
import type { WayIn } from './first-peer.ts'

/** A node that is connected to nobody after this time says so in its log: every way has had its first tries by then. */
export const ALONE_AFTER_MS = 15_000

const TRIED: Readonly<Record<Exclude<WayIn, 'invitation' | 'called'>, string>> = {
  remembered: 'peers of earlier runs',
  bootstrap: 'bootstrap peers',
  mdns: 'the local network',
  rendezvous: 'the public rendezvous',
}

/** A way in that the node takes by itself. */
export type TriedWay = keyof typeof TRIED

/** A line each, for a node that is connected to nobody and looks for others by these ways. */
export function nextSteps(tried: readonly TriedWay[]): readonly string[] {
  return [
    tried.length === 0
      ? 'this node has no way to find another one'
      : `others are looked for: ${tried.map((way) => TRIED[way]).join(', ')}`,
    'a machine of yours: realmesh invite on one of the two, realmesh join LINE on the other',
    ...(tried.includes('bootstrap')
      ? []
      : ['a network with a member you know: --bootstrap ADDRESS, which its status prints']),
    ...(tried.includes('bootstrap') || tried.includes('rendezvous')
      ? []
      : ['a network without one: realmesh config set node.rendezvous.enabled true, on all of its nodes']),
  ]
}
