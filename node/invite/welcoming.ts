/** What an invitation of each kind gives to the node that redeems it, and what is done for it here. */
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { InvitationKind } from '../../protocols/invite/invitation-text.ts'
import type { Welcome } from '../../protocols/invite/welcome.ts'
import type { Friends } from './friends.ts'
import type { Membership } from './membership.ts'

export interface WelcomingComponents {
  readonly membership: Pick<Membership, 'id' | 'key' | 'label'>
  readonly friends: Friends
  /** What this node is called. */
  readonly name: () => string
  /** Looks at the peer's card anew. Never rejects. */
  readonly lookAt: (peer: string) => Promise<unknown>
}

/** Throws `INVITATION_REFUSED` where a friend proves no federation, and what keeps the friendship from being kept. */
export async function welcomed(
  kind: InvitationKind,
  peer: string,
  { membership, friends, name, lookAt }: WelcomingComponents,
): Promise<Welcome> {
  // A node that has moved in asks once more, so that it is known for ours when its first query comes.
  await lookAt(peer)
  const names = { name: name(), federationLabel: membership.label }
  if (kind === 'home') return { kind, ...names, federationKey: privateKeyToProtobuf(membership.key) }
  const federation = await friends.federationOf(peer)
  if (federation === undefined) throw new RealmeshError('INVITATION_REFUSED', 'your node proves no federation')
  await friends.add(federation)
  return { kind, ...names, federation: membership.id }
}
