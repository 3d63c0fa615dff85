/**
 * The layout of keys. All rows of a user lie together under `u/<user>/`, so that moving, exporting and erasing a user is one range.
 * Strings that come from outside (GUIDs, ids, names of models and peers) are hashed into keys: any string will do, none is too
 * long, and none means anything to a file system.
 *
 *   shard   u/<user>/a                    account
 *           u/<user>/e/<id>               ledger event; also what makes a second record of the same query harmless
 *           u/<user>/q/<newest first>/<id> query
 *           u/<user>/t/<id>               prompt and answer, only when the user keeps history
 *           l/<peer>                      what this shard's users used of a peer
 *   node    s/<peer>/<id>                 ledger event: served to a peer
 *           t/<peer>                      totals served to a peer
 *           p/<peer>                      remembered peer
 *           r/<peer+model>                statistics of a route
 *   index   see cross-shard-index.ts
 */
import { hash } from 'node:crypto'

/** Keys of strings that come again and again (users, peers): a hash costs more than a look. Emptied when it is full. */
const known = new Map<string, string>()
const MAX_KNOWN = 4_096
/** Longer strings are hashed each time: the table must stay small. */
const MAX_KNOWN_LENGTH = 128

/**
 * A short key for any string: 22 characters of base64url, 132 bits of SHA-256 over the UTF-16 units, so that different strings give
 * different keys, lone surrogates included.
 */
export function keyOf(text: string): string {
  return hash('sha256', Buffer.from(text, 'utf16le'), 'base64url').slice(0, 22)
}

function knownKeyOf(text: string): string {
  if (text.length > MAX_KNOWN_LENGTH) return keyOf(text)
  let key = known.get(text)
  if (key === undefined) {
    if (known.size >= MAX_KNOWN) known.clear()
    key = keyOf(text)
    known.set(text, key)
  }
  return key
}

/** A user as the storage layer passes him around: the key is derived once. The GUID is a credential: never log it. */
export interface UserRef {
  readonly guid: string
  readonly key: string
}

export function userRef(guid: string): UserRef {
  return { guid, key: knownKeyOf(guid) }
}

/** Times up to the year 33658, as many digits as keep their order; reversed so that newer sorts first. */
const LAST_TIME = 999_999_999_999_999

/** A time as a key part that sorts newest first. */
export function newestFirst(at: number): string {
  const time = Math.min(LAST_TIME, Math.max(0, Math.floor(at)))
  return String(LAST_TIME - time).padStart(15, '0')
}

export const USERS_PREFIX = 'u/'
export const LEDGER_PREFIX = 'l/'

export const userPrefix = (user: string): string => `u/${user}/`
export const accountKey = (user: string): string => `u/${user}/a`
export const eventPrefix = (user: string): string => `u/${user}/e/`
export const eventKey = (user: string, id: string): string => `u/${user}/e/${keyOf(id)}`
export const queryPrefix = (user: string): string => `u/${user}/q/`
export const queryKey = (user: string, at: number, id: string): string => `u/${user}/q/${newestFirst(at)}/${keyOf(id)}`
export const textKey = (user: string, id: string): string => `u/${user}/t/${keyOf(id)}`
/** All keys of one query; its id is hashed once. */
export interface QueryKeys {
  readonly event: string
  readonly query: string
  readonly text: string
}

export function queryKeys(user: string, at: number, id: string): QueryKeys {
  const prefix = userPrefix(user)
  const key = keyOf(id)
  return { event: `${prefix}e/${key}`, query: `${prefix}q/${newestFirst(at)}/${key}`, text: `${prefix}t/${key}` }
}

export const usedKey = (peer: string): string => `${LEDGER_PREFIX}${knownKeyOf(peer)}`

/** The user key in the key of one of his rows; undefined for other rows. */
export function userOfKey(key: string): string | undefined {
  if (!key.startsWith(USERS_PREFIX)) return undefined
  const end = key.indexOf('/', USERS_PREFIX.length)
  return end < 0 ? undefined : key.slice(USERS_PREFIX.length, end)
}

export function isAccountKey(key: string): boolean {
  return key.startsWith(USERS_PREFIX) && key.endsWith('/a') && key.split('/').length === 3
}
