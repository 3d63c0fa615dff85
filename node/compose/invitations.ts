/** The room of invitations: those that this node gives, and how it follows those of others. */
import { copyFile } from 'node:fs/promises'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { atomicWrite } from '../../home/atomic-write.ts'
import { invitationText } from '../../protocols/invite/invitation-text.ts'
import { InviteServer } from '../../protocols/invite/server.ts'
import type { InvitationControl, Joined } from '../api/joining/invitation-control.ts'
import { FriendNews } from '../invite/friend-news.ts'
import { Friends, type FriendsComponents } from '../invite/friends.ts'
import { InvitationBook } from '../invite/invitation-book.ts'
import { joinByInvitation } from '../invite/joining.ts'
import { KeptInvitation } from '../invite/kept-invitation.ts'
import type { Membership } from '../invite/membership.ts'
import { type WelcomingComponents, welcomed } from '../invite/welcoming.ts'
import { forOthers } from '../operate/address-order.ts'
import type { NodeBasics } from './basics.ts'
import type { SwarmRoom } from './swarm.ts'

export interface InvitationRoom {
  readonly control: InvitationControl
  /** What is handed over, by whichever way two nodes came together. */
  readonly welcoming: WelcomingComponents
  /** Moves into the federation of `key`, for good. */
  readonly moveInto: (key: Ed25519PrivateKey) => Promise<void>
  /** In the order of their start; libp2p must run. */
  readonly parts: readonly Startable[]
}

export interface InvitationRoomComponents {
  readonly membership: Membership
  readonly swarm: SwarmRoom
  /** Reads the configuration again, where it comes from a file: names follow from the federation. */
  readonly reload: () => Promise<unknown>
  /** Adds a friend, in force at once and for good. */
  readonly befriend: FriendsComponents['befriend']
}

export function composeInvitations(
  basics: NodeBasics,
  { membership, swarm, reload, befriend }: InvitationRoomComponents,
): InvitationRoom {
  const { config, clock, log, tell, home, keys } = basics
  const name = (): string => config().node.name
  const { network } = config().node
  const { peerId } = keys
  const life = linkedAbort()
  const friends = new Friends({
    befriend,
    known: () => config().node.friends.map(({ federation }) => federation),
    federationOf: async (peer) => {
      await swarm.discovery.relationOf(peer)
      return swarm.peers.get(peer)?.card?.federation?.publicKey
    },
  })
  const lookAt = (peer: string): Promise<unknown> => swarm.discovery.relationOf(peer, true)
  const welcoming = { membership, friends, name, lookAt }
  const book = new InvitationBook(
    {
      clock,
      log,
      welcome: (kind, peer) => welcomed(kind, peer, welcoming),
    },
    { file: home.invitationsFile },
  )
  const news = new FriendNews({ clock, tell })
  swarm.peers.onChange(({ kind, id }) => {
    const entry = kind === 'theirs' ? swarm.peers.get(id) : undefined
    if (entry !== undefined) news.said(entry)
  })
  const server = new InviteServer(
    { libp2p: swarm.libp2p, redeem: (redeeming) => book.redeem(redeeming), clock, log },
    { network },
  )
  const moveInto = async (key: Ed25519PrivateKey): Promise<void> => {
    await keepKey(basics, key, membership.id)
    await membership.adopt(key)
    await reload()
    swarm.peers.rejudge()
    swarm.discovery.changed()
  }
  const join = (text: string): Promise<Joined> =>
    joinByInvitation(
      text,
      { membership, meet: swarm.meet, moveInto, friends, door: swarm.door, clock },
      { self: peerId, network, name: name() },
      life.signal,
    )
  return {
    welcoming,
    moveInto,
    control: {
      create: async (options) => {
        const { id, secret, expiresMs } = await book.create(options)
        const addresses = forOthers(swarm.addresses())
        const text = invitationText({
          network,
          kind: options.kind,
          peer: peerId,
          addresses,
          secret,
          expiresMs,
          name: name(),
          ...defined({ swarmKey: swarm.door.key }),
        })
        return { id, text, expiresMs }
      },
      list: () => book.list(),
      revoke: (id) => book.revoke(id),
      join,
    },
    parts: [
      book,
      server,
      new KeptInvitation({ join, tell, clock }, home),
      { start: async () => {}, stop: async () => life.abort(new RealmeshError('CANCELLED', 'the node stops')) },
    ],
  }
}

/** The old key stays beside the new one: a federation whose only key was here must not be lost by a word. */
async function keepKey({ config, home }: NodeBasics, key: Ed25519PrivateKey, before: string): Promise<void> {
  if (config().node.federationKey !== undefined) {
    throw new RealmeshError('USAGE', 'this node takes its federation key from a file that its configuration names', {
      fix: 'leave out node.federation_key and --federation-key, restart the node, then join again',
    })
  }
  await copyFile(home.federationKey, `${home.federationKey}.${before.slice(-8)}`)
  await atomicWrite(home.federationKey, privateKeyToProtobuf(key), { mode: 0o600 })
}
