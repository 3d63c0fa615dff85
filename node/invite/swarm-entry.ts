/**
 * Enters the private swarm that an invitation leads into: without its key the inviting node cannot even be spoken to,
 * so the key is taken first, kept once the invitation was good, and given up where it was not.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Invitation } from '../../protocols/invite/invitation-text.ts'

/** The swarm that this node is in. */
export interface SwarmDoor {
  /** For connections from now on; undefined: the open swarm. */
  key: Uint8Array | undefined
  /** A file that the configuration names decides, and no invitation may. */
  readonly isFixed: boolean
  /** Keeps the key for good, and ends every connection but those to `peer`: they are of another swarm. */
  settle(key: Uint8Array, peer: string): Promise<void>
}

/** Runs `follow` in the invitation's swarm. Throws `USAGE` where this node cannot enter it, or as `follow` does. */
export async function inItsSwarm<T>(
  { swarmKey, peer }: Pick<Invitation, 'swarmKey' | 'peer'>,
  door: SwarmDoor,
  follow: () => Promise<T>,
): Promise<T> {
  const before = door.key
  if (isSame(swarmKey, before)) return await follow()
  if (swarmKey === undefined) {
    throw new RealmeshError('USAGE', 'the invitation is into the open swarm, this node is in a private one', {
      fix: 'take swarm.key out of its home, restart the node, then join again',
    })
  }
  if (door.isFixed) {
    throw new RealmeshError('USAGE', 'this node takes its swarm key from a file that its configuration names', {
      fix: 'leave out node.swarm_key and --swarm-key, restart the node, then join again',
    })
  }
  door.key = swarmKey
  try {
    const followed = await follow()
    await door.settle(swarmKey, peer)
    return followed
  } catch (error) {
    door.key = before
    throw error
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Buffer.from(one).equals(other)
}
