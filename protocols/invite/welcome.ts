/** What an invitation gives to the node that redeems it. */
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_LABEL_LENGTH } from '../card/constants.ts'
import type { InvitationKind } from './invitation-text.ts'
import { WireWelcome } from './messages.ts'

interface WelcomeNames {
  /** What the inviting node is called; proves nothing. */
  readonly name: string
  /** What its federation is called; likewise. */
  readonly federationLabel: string
}

/** Into the own federation: its private key as libp2p writes it. */
export interface HomeWelcome extends WelcomeNames {
  readonly kind: 'home'
  readonly federationKey: Uint8Array
}

/** Into the friendship of two federations: the id of the inviting one, which only its node's card proves. */
export interface FriendWelcome extends WelcomeNames {
  readonly kind: 'friend'
  readonly federation: string
}

export type Welcome = HomeWelcome | FriendWelcome

export function encodeWelcome(welcome: Welcome): Uint8Array<ArrayBuffer> {
  const { kind, name, federationLabel } = welcome
  const given =
    welcome.kind === 'home'
      ? { federationKey: new Uint8Array(welcome.federationKey) }
      : { federation: welcome.federation }
  return new Uint8Array(WireWelcome.encode({ kind, name, federationLabel, ...given }))
}

/** Throws `PROTOCOL_ERROR` for what is no welcome into `kind`. */
export function decodeWelcome(bytes: Uint8Array, kind: InvitationKind): Welcome {
  const { kind: given, name, federationLabel, federationKey, federation } = WireWelcome.decode(bytes)
  const names = {
    name: cleanText(name, MAX_LABEL_LENGTH),
    federationLabel: cleanText(federationLabel, MAX_LABEL_LENGTH),
  }
  if (given === kind && kind === 'home' && federationKey !== undefined) {
    return { kind, ...names, federationKey: new Uint8Array(federationKey) }
  }
  if (given === kind && kind === 'friend' && federation !== undefined) return { kind, ...names, federation }
  throw new RealmeshError('PROTOCOL_ERROR', 'the inviting node gave something else than it had promised')
}
