/** Takes what another node hands over, by an invitation or by pairing: its home, or its friendship. */
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { FriendWelcome, HomeWelcome } from '../../protocols/invite/welcome.ts'
import type { Friends } from './friends.ts'
import type { Membership } from './membership.ts'

export interface MovingComponents {
  readonly membership: Pick<Membership, 'key'>
  /** Moves into the federation of `key`, for good. */
  readonly moveInto: (key: Ed25519PrivateKey) => Promise<void>
}

/** Moves into the home that is handed over; `false`: this node was there already. Throws `PROTOCOL_ERROR`. */
export async function movedIn(
  { federationKey }: HomeWelcome,
  { membership, moveInto }: MovingComponents,
): Promise<boolean> {
  const key = await federationKeyOf(federationKey)
  if (key.equals(membership.key)) return false
  await moveInto(key)
  return true
}

/** Befriends the federation that the peer speaks for; `false`: it was a friend already. Throws `PROTOCOL_ERROR`. */
export async function befriended(
  peer: string,
  welcome: FriendWelcome,
  friends: Pick<Friends, 'federationOf' | 'add'>,
): Promise<boolean> {
  const federation = await friends.federationOf(peer)
  if (federation !== welcome.federation) {
    throw new RealmeshError('PROTOCOL_ERROR', 'the inviting node cannot prove the federation that it speaks for')
  }
  return await friends.add(federation)
}

/** What the halves of a key sign and check to show that they belong together. */
const PROBE = new TextEncoder().encode('realmesh/invite/key')

/**
 * A key whose public half is of another pair is read without a word. With it this node would take the members of that
 * other federation for its own, and prove nothing itself.
 */
async function federationKeyOf(bytes: Uint8Array): Promise<Ed25519PrivateKey> {
  try {
    const key = privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519' && (await key.publicKey.verify(PROBE, await key.sign(PROBE)))) return key
  } catch (cause) {
    throw new RealmeshError('PROTOCOL_ERROR', 'the other node gave no key of a federation', { cause })
  }
  throw new RealmeshError('PROTOCOL_ERROR', 'the other node gave a key that proves no federation')
}
