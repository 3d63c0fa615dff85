/**
 * What is compared: six digits made of all that both ends said. Each end is bound to its nonce by a hash before it sees
 * the other's, so that a node between the two can choose neither of the two comparisons that it would have to make
 * equal. Pure.
 */
import { createHash } from 'node:crypto'
import type { InvitationKind } from '../invite/invitation-text.ts'
import { COMMITMENT_BYTES, DIGITS, PAIR_NONCE_BYTES } from './constants.ts'

/** Which end of a conversation: the one that asked speaks first. */
export type PairRole = 'asker' | 'asked'

/** The ends, by peer id as the connection proved them. */
export interface PairEnds {
  readonly network: string
  readonly asker: string
  readonly asked: string
}

/** What an end says of itself before anything is compared; it is among what is compared. */
export interface PairOffer {
  readonly kind: InvitationKind
  /** What the node is called; proves nothing. */
  readonly name: string
  /** What its federation is called; likewise. */
  readonly federationLabel: string
  /** Other nodes of its home that it knows. */
  readonly company: number
  /** It cannot move into another home. */
  readonly stays: boolean
}

/** What one end has said: the hash first, the nonce once both hashes are there. */
export interface PairSide {
  readonly offer: PairOffer
  readonly commitment: Uint8Array
  readonly nonce: Uint8Array
}

/** The hash that binds an end to its nonce: of no use to the other end, or in another conversation. */
export function commitmentTo(nonce: Uint8Array, role: PairRole, { network, asker, asked }: PairEnds): Uint8Array {
  return digest(['commitment', role, network, asker, asked, hex(nonce)])
}

/** Whether the nonce is the one that was hashed. */
export function opens(side: Pick<PairSide, 'commitment' | 'nonce'>, role: PairRole, ends: PairEnds): boolean {
  if (side.nonce.byteLength !== PAIR_NONCE_BYTES || side.commitment.byteLength !== COMMITMENT_BYTES) return false
  return Buffer.from(commitmentTo(side.nonce, role, ends)).equals(side.commitment)
}

/** What both screens show: others, but for one case in a million, wherever anything that was said differs. */
export function digitsOf(ends: PairEnds, asker: PairSide, asked: PairSide): string {
  const { network, asker: from, asked: to } = ends
  const said = [asker, asked].flatMap(({ offer, commitment, nonce }) => [
    ...[offer.kind, offer.name, offer.federationLabel, offer.company, offer.stays],
    ...[hex(commitment), hex(nonce)],
  ])
  const number = digest(['digits', network, from, to, ...said]).readBigUInt64BE() % 10n ** BigInt(DIGITS)
  return number.toString().padStart(DIGITS, '0')
}

/**
 * Which of the two moves into the home of the other: the one with less company, the asker where both have as much.
 * Undefined where neither can.
 */
export function moverOf(
  asker: Pick<PairOffer, 'company' | 'stays'>,
  asked: Pick<PairOffer, 'company' | 'stays'>,
): PairRole | undefined {
  if (asker.stays) return asked.stays ? undefined : 'asked'
  return asked.stays || asker.company <= asked.company ? 'asker' : 'asked'
}

function digest(parts: readonly (string | number | boolean)[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['realmesh/pair', ...parts]))
    .digest()
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
