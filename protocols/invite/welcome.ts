/** What an invitation gives to the node that redeems it. */
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_LABEL_LENGTH } from '../card/constants.ts'
import type { InvitationKind } from './invitation-text.ts'
import { WireWelcome } from './messages.ts'

export interface Welcome {
  readonly kind: InvitationKind
  /** What the inviting node is called; proves nothing. */
  readonly name: string
  /** What its federation is called; likewise. */
  readonly federationLabel: string
  /** The federation's private key as libp2p writes it; of an invitation into the own home, and of no other. */
  readonly federationKey?: Uint8Array
}

export function encodeWelcome({ federationKey, ...names }: Welcome): Uint8Array<ArrayBuffer> {
  const key = federationKey === undefined ? {} : { federationKey: new Uint8Array(federationKey) }
  return new Uint8Array(WireWelcome.encode({ ...names, ...key }))
}

/** Throws `PROTOCOL_ERROR` for what is no welcome into `kind`. */
export function decodeWelcome(bytes: Uint8Array, kind: InvitationKind): Welcome {
  const { kind: given, name, federationLabel, federationKey } = WireWelcome.decode(bytes)
  if (given !== kind || (kind === 'home') !== (federationKey !== undefined)) {
    throw new RealmeshError('PROTOCOL_ERROR', 'the inviting node gave something else than it had promised')
  }
  return {
    kind,
    name: cleanText(name, MAX_LABEL_LENGTH),
    federationLabel: cleanText(federationLabel, MAX_LABEL_LENGTH),
    ...(federationKey !== undefined && { federationKey: new Uint8Array(federationKey) }),
  }
}
