/**
 * How both ends show that they know an invitation's secret without saying it: an HMAC over who they are and what each
 * of them chose at random for this conversation. What was heard once is worth nothing again, nor between other nodes.
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { ID_BYTES, PROOF_BYTES } from './constants.ts'

/** One conversation. */
export interface Meeting {
  /** Peer ids, as the connection proved them. */
  readonly inviter: string
  readonly joiner: string
  /** What each of them chose at random. */
  readonly inviterNonce: Uint8Array
  readonly joinerNonce: Uint8Array
}

/** What names an invitation: `ID_BYTES` that tell nothing of its secret. */
export function invitationId(secret: Uint8Array): Uint8Array {
  return derived(secret, 'id', ID_BYTES)
}

/** The key that the proofs are made with. The inviting node keeps it in place of the secret. */
export function invitationKey(secret: Uint8Array): Uint8Array {
  return derived(secret, 'key', PROOF_BYTES)
}

/** The joining node's proof. */
export function joinProof(key: Uint8Array, meeting: Meeting): Uint8Array {
  return mac(key, 'join', meeting)
}

/** The inviting node's proof, for what it hands over. */
export function welcomeProof(key: Uint8Array, meeting: Meeting, welcome: Uint8Array): Uint8Array {
  return mac(key, 'welcome', meeting, welcome)
}

/** Whether both are the same, in a time that does not depend on where they differ. */
export function isProof(offered: Uint8Array, right: Uint8Array): boolean {
  return offered.byteLength === right.byteLength && timingSafeEqual(offered, right)
}

function derived(secret: Uint8Array, use: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `realmesh/invite/${use}`, length))
}

function mac(key: Uint8Array, use: string, meeting: Meeting, content: Uint8Array = new Uint8Array()): Uint8Array {
  const said = createHash('sha256').update(content).digest('hex')
  const { inviter, joiner, inviterNonce, joinerNonce } = meeting
  const nonces = [inviterNonce, joinerNonce].map((nonce) => Buffer.from(nonce).toString('hex'))
  return createHmac('sha256', key)
    .update(JSON.stringify([`realmesh/invite/${use}`, inviter, joiner, ...nonces, said]))
    .digest()
}
