/**
 * An invitation as one line of text that people paste, send or show as a QR code. The text is the secret: to whom it
 * was handed, they are invited.
 */
import { createHash } from 'node:crypto'
import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_LABEL_LENGTH } from '../card/constants.ts'
import { MAX_INVITATION_LENGTH, MAX_INVITED_ADDRESSES, SECRET_BYTES, SWARM_KEY_LENGTH } from './constants.ts'
import { WireInvitation } from './messages.ts'

/** Into what an invitation leads: the own federation, or a friendship of two federations. */
export const INVITATION_KINDS = ['home', 'friend'] as const
export type InvitationKind = (typeof INVITATION_KINDS)[number]

export interface Invitation {
  readonly network: string
  readonly kind: InvitationKind
  /** Id of the inviting node: nobody else can answer for it. */
  readonly peer: string
  /** Multiaddrs at which it may be reached. */
  readonly addresses: readonly string[]
  /** Known to the inviting node and to everyone who has the text. */
  readonly secret: Uint8Array
  /** Wall clock, milliseconds; whole seconds. */
  readonly expiresMs: number
  /** What the inviting node is called; proves nothing. */
  readonly name: string
  /** Of the private swarm that the node is in. Absent: it is in the open one. */
  readonly swarmKey?: Uint8Array
}

const PREFIX = 'realmesh:'

/** Bytes of a digest behind the rest, by which a text that was cut or mistyped is known. */
const CHECK_BYTES = 4

const NOT_ONE = 'copy the whole line that begins with "realmesh:" from the other node'

/** The text of an invitation; of its addresses the first few. */
export function invitationText({ peer, addresses, secret, expiresMs, swarmKey, ...rest }: Invitation): string {
  const told = {
    ...rest,
    peer: new Uint8Array(peerIdFromString(peer).toMultihash().bytes),
    addresses: addresses.slice(0, MAX_INVITED_ADDRESSES).map((address) => addressBytes(address, peer)),
    secret: new Uint8Array(secret),
    expires: Math.floor(expiresMs / 1_000),
    ...(swarmKey !== undefined && { swarmKey: new Uint8Array(swarmKey) }),
  }
  const bytes = Buffer.from(WireInvitation.encode(told))
  return `${PREFIX}${Buffer.concat([bytes, checkOf(bytes)]).toString('base64url')}`
}

/** What the text says. Throws `INVITATION_INVALID`; whether it still holds only the inviting node knows. */
export function readInvitation(text: string): Invitation {
  const trimmed = text.trim()
  if (!trimmed.startsWith(PREFIX)) throw invalid('this is no invitation')
  if (trimmed.length > MAX_INVITATION_LENGTH) throw invalid('this is too long for an invitation')
  const all = Buffer.from(trimmed.slice(PREFIX.length), 'base64url')
  const bytes = all.subarray(0, -CHECK_BYTES)
  const isWhole = trimmed === `${PREFIX}${all.toString('base64url')}`
  if (!isWhole || !checkOf(bytes).equals(all.subarray(-CHECK_BYTES)))
    throw invalid('this invitation is cut or mistyped')
  try {
    return opened(WireInvitation.decode(bytes))
  } catch (cause) {
    if (cause instanceof RealmeshError) throw cause
    throw invalid('this invitation is not as it should be', cause)
  }
}

function opened({ network, kind, peer, addresses, secret, expires, name, swarmKey }: WireInvitation): Invitation {
  if (!isInvitationKind(kind))
    throw invalid(`this version does not know invitations of the kind ${cleanText(kind, 32)}`)
  const isWhole = secret.byteLength === SECRET_BYTES && (swarmKey?.byteLength ?? SWARM_KEY_LENGTH) === SWARM_KEY_LENGTH
  if (!isWhole || addresses.length > MAX_INVITED_ADDRESSES) {
    throw invalid('this invitation is not as it should be')
  }
  return {
    network: cleanText(network, MAX_LABEL_LENGTH),
    kind,
    peer: peerIdFromMultihash(Digest.decode(peer)).toString(),
    addresses: addresses.flatMap(addressOf),
    secret: new Uint8Array(secret),
    expiresMs: expires * 1_000,
    name: cleanText(name, MAX_LABEL_LENGTH),
    ...(swarmKey !== undefined && { swarmKey: new Uint8Array(swarmKey) }),
  }
}

/** The end, which names the peer, stands in the invitation already. */
function addressBytes(address: string, peer: string): Uint8Array<ArrayBuffer> {
  const whole = multiaddr(address)
  return new Uint8Array((address.endsWith(`/p2p/${peer}`) ? whole.decapsulate(`/p2p/${peer}`) : whole).bytes)
}

/** Nothing for an address of a kind that only a later version knows: it does not spoil the others. */
function addressOf(bytes: Uint8Array): readonly string[] {
  try {
    return [multiaddr(bytes).toString()]
  } catch {
    return []
  }
}

function checkOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES)
}

/** Whether `text` names a kind that this version knows. */
export function isInvitationKind(text: string): text is InvitationKind {
  return (INVITATION_KINDS as readonly string[]).includes(text)
}

function invalid(message: string, cause?: unknown): RealmeshError {
  return new RealmeshError('INVITATION_INVALID', message, { fix: NOT_ONE, cause })
}
