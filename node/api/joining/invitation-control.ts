/** What the operator may do with invitations: make them for others, and follow those of others. */
import type { InvitationKind } from '../../../protocols/invite/invitation-text.ts'

export interface InvitationOptions {
  readonly kind: InvitationKind
  /** How long it may be redeemed. */
  readonly hours: number
  /** How many nodes may redeem it. */
  readonly uses: number
  /** For whom it is: a note of the owner, told to nobody. */
  readonly for?: string | undefined
}

export interface ListedInvitation {
  /** Names it; tells nothing of its secret. */
  readonly id: string
  readonly kind: InvitationKind
  readonly for?: string | undefined
  /** Wall clock, milliseconds. */
  readonly createdMs: number
  readonly expiresMs: number
  readonly uses: number
  readonly usedBy: readonly { readonly peer: string; readonly name: string; readonly atMs: number }[]
  readonly state: 'open' | 'used' | 'expired'
}

export interface MadeInvitation {
  /** As `revoke` takes it. */
  readonly id: string
  /** The whole invitation: who has it is invited. */
  readonly text: string
  readonly expiresMs: number
}

/** What became of an invitation that this node followed. */
export interface Joined {
  readonly kind: InvitationKind
  /** The inviting node. */
  readonly peer: string
  readonly name: string
  readonly federation: string
  /** `false`: it was so before. */
  readonly changed: boolean
}

export interface InvitationControl {
  /** Throws `BAD_REQUEST`, `STORAGE_FAILED`. */
  create(options: InvitationOptions): Promise<MadeInvitation>
  list(): readonly ListedInvitation[]
  /**
   * Nobody redeems it from now on. `id` may be the beginning of one; resolves with the whole. Throws `BAD_REQUEST`
   * where that names none, or more than one.
   */
  revoke(id: string): Promise<string>
  /**
   * Follows an invitation of another node, at once and for good. Throws `INVITATION_INVALID`, `INVITATION_REFUSED`,
   * `PEER_UNREACHABLE`, and `USAGE` where this node is in another network.
   */
  join(text: string): Promise<Joined>
}
