/** What the operator may do with pairing: two nodes become one home, or friends, by six digits that both owners see. */
import type { ErrorCode } from '../../../core/realmesh-error.ts'
import type { InvitationKind } from '../../../protocols/invite/invitation-text.ts'

/**
 * `asks`: the peer asks, and waits for the owner of this node. `asked`: this node waits for the peer. `compare`: both
 * show digits. `agreed`: the own owner has said yes, the other one has not yet.
 */
export type PairingState = 'asks' | 'asked' | 'compare' | 'agreed' | 'paired' | 'failed'

export interface Pairing {
  readonly peer: string
  /** What the peer is called; proves nothing. */
  readonly name: string
  readonly kind: InvitationKind
  readonly state: PairingState
  /** What both owners compare, once there is something to compare. */
  readonly digits?: string
  /** Into the home of the other; with the digits. Absent between friends. */
  readonly mover?: 'this node' | 'the peer'
  /** How many other nodes of its home the mover leaves behind. */
  readonly leaves?: number
  /** Why it failed. */
  readonly reason?: string
  readonly code?: ErrorCode
}

export interface PairingControl {
  /** Those under way, and those that ended a moment ago; the latest last. */
  list(): readonly Pairing[]
  /**
   * Asks a peer, by its id, the end of it, or its name; or answers the peer that asks. Throws `BAD_REQUEST` where that
   * names none, more than one, or one that is ours already.
   */
  begin(peer: string, kind: InvitationKind): Promise<Pairing>
  /**
   * The owner's word: the digits that the other node shows, or undefined for a no. Other digits than those here end it.
   * Throws `BAD_REQUEST` where there is nothing to compare.
   */
  answer(peer: string, digits: string | undefined): Promise<Pairing>
  /** Resolves when the state is another than `seen`, or after a while with what it still is. Throws `BAD_REQUEST`. */
  wait(peer: string, seen: PairingState): Promise<Pairing>
}
