/** The operator's word on other nodes: shut out, friends, names. In force at once, for `LiveConfig` tells the swarm. */
import { setAt } from '../../config/edit/edits.ts'
import type { ConfigFile } from '../../config/schema/file-schema.ts'
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Friendship, PeerControl } from '../api/config-control.ts'
import type { PeerStatus } from '../api/node-api.ts'
import type { LiveConfig } from './live-config.ts'

export interface PeerControlComponents {
  readonly live: Pick<LiveConfig, 'values' | 'change'>
  readonly peers: () => readonly PeerStatus[]
  /** The federation that the peer's card proved, by id; undefined where it proved none. */
  readonly federationOf: (peer: string) => string | undefined
  /** Lets a peer in that the node itself shut out. */
  readonly pardon: (peer: string) => void
}

/** As the base58 text of a peer id is: no name may look so. */
const PEER_ID = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/

/** Fewer characters of an id name too many peers. */
const SHORTEST_END = 4

export function peerControl({ live, peers, federationOf, pardon }: PeerControlComponents): PeerControl {
  const idOf = (name: string): string => {
    const { peer_names: names, blocked, friends } = live.values.node
    const listed = [...blocked, ...friends.flatMap(({ peer }) => peer ?? []), ...Object.keys(names)]
    return peerNamed(name, names, [...new Set([...peers().map(({ id }) => id), ...listed])])
  }
  const friends = (): readonly FriendFile[] => live.values.node.friends
  return {
    list: () => ({
      peers: peers(),
      blocked: live.values.node.blocked,
      friends: friends().map((friend) => defined(friend)),
      names: live.values.node.peer_names,
    }),
    block: async (peer, options) => {
      const id = idOf(peer)
      return await live.change(
        (file) => setAt(['node', 'blocked'], withOne(file.node?.blocked ?? [], id))(file),
        options,
      )
    },
    unblock: async (peer, options) => {
      const id = idOf(peer)
      const changed = await live.change(
        (file) =>
          setAt(
            ['node', 'blocked'],
            file.node?.blocked?.filter((each) => each !== id),
          )(file),
        options,
      )
      pardon(id)
      return changed
    },
    friend: async (friend, options) => {
      const wanted = defined({ ...friend, ...(friend.peer !== undefined && { peer: idOf(friend.peer) }) })
      return await live.change((file) => {
        const others = file.node?.friends ?? []
        const at = others.findIndex((each) => isSame(each, wanted))
        return setAt(['node', 'friends'], at < 0 ? [...others, wanted] : others.with(at, wanted))(file)
      }, options)
    },
    unfriend: async (friend, options) => {
      const gone = { ...friend, ...(friend.peer !== undefined && { peer: idOf(friend.peer) }) }
      // A friendship made by an invitation or by pairing is one with the peer's federation.
      const its = gone.peer === undefined ? undefined : federationOf(gone.peer)
      const ends = (each: FriendFile): boolean =>
        isSame(each, gone) || (its !== undefined && each.peer === undefined && each.federation === its)
      return await live.change(
        (file) =>
          setAt(
            ['node', 'friends'],
            file.node?.friends?.filter((each) => !ends(each)),
          )(file),
        options,
        () => {
          if (friends().some(ends)) return
          throw new RealmeshError('BAD_REQUEST', `${gone.peer ?? gone.federation ?? 'that'} is no friend`, {
            fix: 'realmesh peers friends shows them',
          })
        },
      )
    },
    name: async (peer, name, options) => await live.change(setAt(['node', 'peer_names', idOf(peer)], name), options),
  }
}

type FriendFile = ConfigFile['node']['friends'][number]

function isSame(a: Omit<Friendship, 'until'> | FriendFile, b: Friendship): boolean {
  return a.peer === b.peer && a.federation === b.federation
}

function withOne(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list : [...list, item]
}

/** The id that is meant by an id, a name that the owner gave, or the end of a known one. Throws `BAD_REQUEST`. */
export function peerNamed(name: string, names: Readonly<Record<string, string>>, known: readonly string[]): string {
  if (PEER_ID.test(name)) return name
  const called = Object.entries(names).flatMap(([id, each]) => (each === name ? [id] : []))
  const end = name.replace(/^…/, '')
  const ending = end.length < SHORTEST_END ? [] : known.filter((id) => id.endsWith(end))
  const [one, another] = called.length > 0 ? called : ending
  if (one !== undefined && another === undefined) return one
  throw new RealmeshError('BAD_REQUEST', `${name} names ${one === undefined ? 'no peer' : 'more than one peer'}`, {
    fix: 'write the whole peer id, which realmesh peers --json shows',
  })
}
