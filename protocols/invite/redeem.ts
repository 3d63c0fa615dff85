/** The joining end: proves that it holds the invitation, and takes what comes only from the node that made it. */
import { randomBytes } from 'node:crypto'
import type { Connection, Stream } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { INVITE_NONCE_BYTES, INVITE_TIMEOUT_MS, inviteProtocol, MAX_INVITE_FRAME_BYTES } from './constants.ts'
import type { Invitation } from './invitation-text.ts'
import { WireAnswer, WireChallenge, WireJoin } from './messages.ts'
import { invitationId, invitationKey, isProof, joinProof, welcomeProof } from './proofs.ts'
import { decodeWelcome, type Welcome } from './welcome.ts'

/** Longest reason that is read from the other end. */
const MAX_REASON_LENGTH = 256

export interface RedeemOptions {
  /** Own peer id. */
  readonly self: string
  /** What this node is called. */
  readonly name: string
  readonly signal: CancelSignal
  /** @default systemClock */
  readonly clock?: Clock
}

/**
 * Redeems `invitation` over a connection to the node that made it. Throws `INVITATION_REFUSED` with that node's reason,
 * `PROTOCOL_ERROR` where it does not know the secret itself, `TIMEOUT`, and what a broken connection throws.
 */
export async function redeemInvitation(
  connection: Pick<Connection, 'newStream' | 'remotePeer'>,
  invitation: Invitation,
  { self, name, signal, clock = systemClock }: RedeemOptions,
): Promise<Welcome> {
  if (connection.remotePeer.toString() !== invitation.peer) {
    throw new RealmeshError('PROTOCOL_ERROR', 'another node answers at the address of the invitation')
  }
  return await withinLimit(
    signal,
    INVITE_TIMEOUT_MS,
    'the inviting node did not answer',
    async (limited) => {
      const stream = await connection.newStream(inviteProtocol(invitation.network), {
        signal: limited,
        runOnLimitedConnection: true,
      })
      try {
        const welcome = await converse(stream, invitation, { self, name, signal: limited })
        await stream.close()
        return welcome
      } catch (error) {
        stream.abort(error as Error)
        throw error
      }
    },
    clock,
  )
}

async function converse(
  stream: Stream,
  { secret, peer, kind }: Invitation,
  { self, name, signal }: { readonly self: string; readonly name: string; readonly signal: AbortSignal },
): Promise<Welcome> {
  const messages = pbStream(stream, { maxDataLength: MAX_INVITE_FRAME_BYTES })
  const { nonce: inviterNonce } = await messages.read(WireChallenge, { signal })
  if (inviterNonce.byteLength !== INVITE_NONCE_BYTES)
    throw new RealmeshError('PROTOCOL_ERROR', 'a nonce has the wrong length')
  const joinerNonce = new Uint8Array(randomBytes(INVITE_NONCE_BYTES))
  const key = invitationKey(secret)
  const meeting = { inviter: peer, joiner: self, inviterNonce, joinerNonce }
  const asked = {
    id: new Uint8Array(invitationId(secret)),
    proof: new Uint8Array(joinProof(key, meeting)),
    nonce: joinerNonce,
    name,
  }
  await messages.write(asked, WireJoin, { signal })
  const { refusal, welcome, proof } = await messages.read(WireAnswer, { signal })
  if (refusal !== '') {
    throw new RealmeshError('INVITATION_REFUSED', cleanText(refusal, MAX_REASON_LENGTH), {
      fix: 'ask the owner of the other node for a new one',
    })
  }
  if (!isProof(proof, welcomeProof(key, meeting, welcome))) {
    throw new RealmeshError('PROTOCOL_ERROR', 'the node that answered does not know the invitation')
  }
  return decodeWelcome(welcome, kind)
}
