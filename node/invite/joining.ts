/** Follows an invitation of another node: meets it, proves that it is ours to follow, and keeps what it gives. */
import type { Connection } from '@libp2p/interface'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Invitation, readInvitation } from '../../protocols/invite/invitation-text.ts'
import { redeemInvitation } from '../../protocols/invite/redeem.ts'
import type { Welcome } from '../../protocols/invite/welcome.ts'
import type { Joined } from '../api/joining/invitation-control.ts'
import { befriended, type MovingComponents, movedIn } from './following.ts'
import type { Friends } from './friends.ts'
import type { Membership } from './membership.ts'
import { inItsSwarm, type SwarmDoor } from './swarm-entry.ts'

export interface JoiningComponents extends MovingComponents {
  readonly membership: Pick<Membership, 'id' | 'key' | 'label'>
  /** A connection to the peer, made at one of the addresses where there is none. */
  readonly meet: (peer: string, addresses: readonly string[], signal: CancelSignal) => Promise<Connection>
  readonly friends: Pick<Friends, 'federationOf' | 'add'>
  readonly door: SwarmDoor
  readonly clock: Clock
}

export interface JoiningInit {
  /** Own peer id. */
  readonly self: string
  readonly network: string
  /** What this node is called. */
  readonly name: string
}

/** Throws as `InvitationControl.join` does. */
export async function joinByInvitation(
  text: string,
  components: JoiningComponents,
  init: JoiningInit,
  signal: CancelSignal,
): Promise<Joined> {
  const invitation = readInvitation(text)
  assertMeantForUs(invitation, init)
  return await inItsSwarm(invitation, components.door, () => followed(invitation, components, init, signal))
}

async function followed(
  invitation: Invitation,
  components: JoiningComponents,
  init: JoiningInit,
  signal: CancelSignal,
): Promise<Joined> {
  const connection = await reached(invitation, components, signal)
  const { clock } = components
  const redeem = (): Promise<Welcome> => redeemInvitation(connection, invitation, { ...init, signal, clock })
  const welcome = await redeem()
  const { peer } = invitation
  const told = { kind: welcome.kind, peer, name: welcome.name } as const
  if (welcome.kind === 'home') {
    const changed = await movedIn(welcome, components)
    // The inviting node looks at our new card before it answers. Where that fails it learns of us by gossip, later.
    if (changed) await redeem().catch(() => {})
    return { ...told, federation: components.membership.label, changed }
  }
  const changed = await befriended(peer, welcome, components.friends)
  return { ...told, federation: welcome.federationLabel, changed }
}

function assertMeantForUs({ peer, network }: Invitation, init: JoiningInit): void {
  if (peer === init.self) {
    throw new RealmeshError('INVITATION_INVALID', 'this invitation is one of this node itself', {
      fix: 'follow it on the other node',
    })
  }
  if (network === init.network) return
  throw new RealmeshError('USAGE', `the invitation is into the network ${network}, this node is in ${init.network}`, {
    fix: `realmesh config set node.network ${network}, restart the node, then join again`,
  })
}

async function reached(
  { peer, addresses, name }: Invitation,
  { meet }: JoiningComponents,
  signal: CancelSignal,
): Promise<Connection> {
  try {
    return await meet(peer, addresses, signal)
  } catch (cause) {
    if (signal.aborted) throw cause
    const { message } = toRealmeshError(cause, 'PEER_UNREACHABLE')
    throw new RealmeshError('PEER_UNREACHABLE', `${name || 'the inviting node'} is not reached: ${message}`, {
      fix: `it must be running and be reached at one of: ${addresses.join(', ')}`,
      cause,
    })
  }
}
