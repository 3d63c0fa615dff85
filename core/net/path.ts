/** By which way bytes get to a peer. A path belongs to a connection, not to a peer: a peer may have several. */

/**
 * How far the other end of a connection is. `loopback`: on this machine. `lan`: at a private address, as in the own
 * network or a mesh. `direct`: across the internet, with nobody between. `relayed`: another node passes the bytes on.
 */
export type PathKind = 'loopback' | 'lan' | 'direct' | 'relayed'

/** What carries the bytes. Of a relayed path: what carries them to the relay. */
export type PathCarrier = 'tcp' | 'webrtc' | 'other'

export interface Path {
  readonly kind: PathKind
  readonly over: PathCarrier
  /** Peer id of the relay. Of a relayed path only, and there whenever its address names one. */
  readonly relay?: string
}

/** The lower, the better. */
export const PATH_RANK: Readonly<Record<PathKind, number>> = { loopback: 0, lan: 1, direct: 2, relayed: 3 }

/** Digits of a relay's id that are told: the end of a peer id, which differs where its beginning does not. */
const RELAY_DIGITS = 8

/** In a few words, such as `lan`, `direct, webrtc` or `relayed by …GTj3AbCd`: TCP is usual, and not named. Pure. */
export function pathText({ kind, over, relay }: Path): string {
  if (kind === 'relayed') return relay === undefined ? kind : `${kind} by …${relay.slice(-RELAY_DIGITS)}`
  return over === 'tcp' ? kind : `${kind}, ${over}`
}

/** In one word, as a column of a table takes: `loopback`, `lan`, `direct`, `webrtc` or `relayed`. Pure. */
export function pathWord({ kind, over }: Path): string {
  return kind === 'direct' && over === 'webrtc' ? over : kind
}
