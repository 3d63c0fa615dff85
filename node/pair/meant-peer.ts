/** Which peer an owner means by a name. Names of peers are claims: where two have the same, neither is taken. Pure. */
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { PeerStatus } from '../api/node-api.ts'

/** Fewer characters of an id name too many peers. */
const SHORTEST_END = 4

/** Of a peer what names it. */
export type MeantPeer = Pick<PeerStatus, 'id' | 'name' | 'called'>

/** Characters that a shell leaves as they are: a line of ours is copied into one, and names are chosen by strangers. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** The peer of that id, end of an id, or name. Throws `BAD_REQUEST` where that names none or several. */
export function meantPeer<P extends MeantPeer>(name: string, peers: readonly P[]): P {
  const end = name.replace(/^…/, '')
  const found = peers.filter((peer) => peer.id === name || isCalled(peer, name) || isEnd(end, peer.id))
  const [one, another] = found
  if (one !== undefined && another === undefined) return one
  if (one === undefined) {
    throw new RealmeshError('BAD_REQUEST', `no node that is within reach is called ${cleanText(name, 64)}`, {
      fix: 'realmesh peers lists those that are; realmesh invite needs none',
    })
  }
  const ends = found.map(({ id }) => endOf(id)).join(', ')
  throw new RealmeshError('BAD_REQUEST', `${found.length} nodes are called ${cleanText(name, 64)}: ${ends}`, {
    fix: 'name the one whose id the other machine shows in realmesh status',
  })
}

/** How to name the peer at a command line: by its name where that is plain and no other peer has it, else by its id. */
export function wordFor({ id, name, called }: MeantPeer, peers: readonly MeantPeer[]): string {
  const own = called ?? name
  const isAlone = !peers.some((other) => other.id !== id && isCalled(other, own))
  return PLAIN.test(own) && isAlone ? own : endOf(id)
}

function isCalled({ name, called }: MeantPeer, word: string): boolean {
  return word !== '' && (called === word || name === word)
}

function isEnd(end: string, id: string): boolean {
  return end.length >= SHORTEST_END && id.endsWith(end)
}

function endOf(id: string): string {
  return id.slice(-8)
}
