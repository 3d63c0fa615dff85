/**
 * What a card makes of its node: a member of our federation, a friend, or a stranger. By proof only; labels are not
 * read. Pure.
 */
import type { Relation } from '../../core/scope.ts'
import type { Card } from '../../protocols/card/card.ts'

/** A peer or a whole federation that the owner listed. */
export interface Friend {
  /** Peer id. */
  readonly peer?: string | undefined
  /** Federation id as its cards prove it. */
  readonly federation?: string | undefined
  /** Wall clock in milliseconds after which the friendship ends. @default never */
  readonly untilMs?: number | undefined
}

/** The peers and federations that this node knows. */
export interface OwnCircle {
  /** Id of the own federation: its public key as federationId() writes it. */
  readonly federation: string
  readonly friends: readonly Friend[]
}

/** What a card makes of a peer, and until when (wall clock, milliseconds; Infinity when it does not end). */
export interface Standing {
  readonly relation: Relation
  readonly until: number
}

export const STRANGER: Standing = { relation: 'stranger', until: Number.POSITIVE_INFINITY }

/** When the friendship ends, as far as it is one with the node of this card; undefined when it is not. */
function friendUntil(friend: Friend, card: Pick<Card, 'peerId' | 'federation'>): number | undefined {
  const ends = friend.untilMs ?? Number.POSITIVE_INFINITY
  if (friend.peer !== undefined && friend.peer === card.peerId) return ends
  const { federation } = card
  if (friend.federation === undefined || friend.federation !== federation?.publicKey) return undefined
  return Math.min(ends, federation.notAfter)
}

/** Judges an opened card at a wall time. */
export function judgeStanding(
  card: Pick<Card, 'peerId' | 'federation'>,
  { federation, friends }: OwnCircle,
  wallMs: number,
): Standing {
  const proof = card.federation
  if (proof !== undefined && proof.publicKey === federation && proof.notAfter > wallMs) {
    return { relation: 'home', until: proof.notAfter }
  }
  const until = Math.max(...friends.map((friend) => friendUntil(friend, card) ?? Number.NEGATIVE_INFINITY), -1)
  return until > wallMs ? { relation: 'friend', until } : STRANGER
}
