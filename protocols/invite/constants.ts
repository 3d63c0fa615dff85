/** Limits and times of invitations. */

/** The protocol's id; the network is part of it, so that networks never mix. */
export function inviteProtocol(network: string): string {
  return `/realmesh/${network}/invite/1.0.0`
}

/** Bytes of an invitation's secret: nobody guesses 128 bits, and the whole still fits a QR code. */
export const SECRET_BYTES = 16
/** Bytes of the key of a private swarm. */
export const SWARM_KEY_LENGTH = 32
/** Bytes by which both ends name an invitation without showing its secret. */
export const ID_BYTES = 8
/** Bytes that make one conversation unlike every other. */
export const INVITE_NONCE_BYTES = 32
/** Bytes of an HMAC-SHA-256. */
export const PROOF_BYTES = 32

/** Ways to the inviting node that one invitation tells: every further one makes its QR code harder to read. */
export const MAX_INVITED_ADDRESSES = 6
/** Longest text that is read as an invitation: twice what the largest takes. */
export const MAX_INVITATION_LENGTH = 4096
/** Largest message of the conversation: a federation's key and some names take 300 bytes. */
export const MAX_INVITE_FRAME_BYTES = 2048

/** How long one conversation may take: three messages, also over a relay and a slow line. */
export const INVITE_TIMEOUT_MS = 15_000
/** A peer redeems one invitation at a time. */
export const MAX_INVITE_STREAMS = 2
