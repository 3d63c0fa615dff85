/** Which own nodes and friends are looked for. Pure. */
import type { PeerEntry } from '../peers/peer-entry.ts'
import type { OwnCircle } from '../peers/standing.ts'

/** Own nodes that are connected, found in this way: a household has fewer, and each costs what any peer does. */
export const ENOUGH_OF_HOME = 16
/** Nodes of one federation of friends: further ones are met when a query needs them. */
export const ENOUGH_OF_FRIENDS = 4
/** Federations and friends that are looked for, in the owner's order: each costs a walk through the DHT an hour. */
export const MAX_SOUGHT = 32

/** The nodes of a federation, or one node. */
export interface Sought {
  readonly kind: 'federation' | 'peer'
  /** Of the federation or of the node. */
  readonly id: string
  /** Connected ones with which nothing more is looked for. */
  readonly enough: number
}

/** The own federation first; friendships that have ended are left out. */
export function soughtOf({ federation, friends }: OwnCircle, wallMs: number): readonly Sought[] {
  const sought = new Map<string, Sought>()
  const add = (one: Sought): void => {
    if (!sought.has(soughtKey(one))) sought.set(soughtKey(one), one)
  }
  add({ kind: 'federation', id: federation, enough: ENOUGH_OF_HOME })
  for (const { peer, federation: theirs, untilMs = Number.POSITIVE_INFINITY } of friends) {
    if (untilMs <= wallMs) continue
    if (theirs !== undefined) add({ kind: 'federation', id: theirs, enough: ENOUGH_OF_FRIENDS })
    if (peer !== undefined) add({ kind: 'peer', id: peer, enough: 1 })
  }
  return [...sought.values()].slice(0, MAX_SOUGHT)
}

/** Names what is sought. */
export function soughtKey({ kind, id }: Pick<Sought, 'kind' | 'id'>): string {
  return `${kind}/${id}`
}

/** Whether the peer is one of those that are sought, as its card proves. */
export function isSought(
  { kind, id }: Pick<Sought, 'kind' | 'id'>,
  peer: Pick<PeerEntry, 'id' | 'card' | 'standing'>,
): boolean {
  if (kind === 'peer') return peer.id === id
  return peer.standing.relation !== 'stranger' && peer.card?.federation?.publicKey === id
}
