/**
 * The layout of keys. All rows of a user lie together under `u/<user>/`, so that moving, exporting and erasing a user
 * is one range. Strings that come from outside (GUIDs, ids of queries) are hashed into keys: any string will do, none
 * is too long, and none means anything to a file system.
 *
 *   shard   u/<user>/a                     account
 *           u/<user>/q/<newest first>/<id> query, with its prompt and answer when they are short
 *           u/<user>/t/<id>                prompt and answer when they are long
 *           u/<user>/i/<id>                an id that the client chose was charged
 *           u/<user>/e/<id>                credit
 *           u/<user>/r/<newest first>/<id> a kept response in the list of them
 *           u/<user>/p/<id>                its text
 *           u/<user>/w/<id>                a kept response whose answer still comes
 *           u/<user>/x/<id>/<n>            what came of it since the text was written
 *           u/<user>/f/<id>                a file: its name, its length
 *           u/<user>/g/<id>/<place>        a piece of its content; of what a batch writes, of one line
 *           u/<user>/b/<id>                a batch
 *           u/<user>/s                     how much the user's files take
 *   index   see storage/shards/cross-shard-index.ts
 *   both    !head                          what the store holds, see storage/shard/shard-head.ts
 *           y                              layout of the rows, there too
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Users whose key is at hand: each of their queries asks for it, and a hash costs more than a look. */
const MAX_KNOWN = 4_096
/** Longer GUIDs are hashed each time: the table must stay small. */
const MAX_KNOWN_LENGTH = 128

const known = new LRUCache<string, string>({ max: MAX_KNOWN })

/**
 * A short key for any string: 22 characters of base64url, 132 bits of SHA-256 over the UTF-16 units, so that different
 * strings give different keys, lone surrogates included.
 */
export function keyOf(text: string): string {
  return hash('sha256', Buffer.from(text, 'utf16le'), 'base64url').slice(0, 22)
}

/** A user as the storage layer passes them around: the key is derived once. The GUID is a credential: never log it. */
export interface UserRef {
  readonly guid: string
  readonly key: string
}

export function userRef(guid: string): UserRef {
  if (guid.length > MAX_KNOWN_LENGTH) return { guid, key: keyOf(guid) }
  let key = known.get(guid)
  if (key === undefined) {
    key = keyOf(guid)
    known.set(guid, key)
  }
  return { guid, key }
}

/** Times up to the year 33658, as many digits as keep their order; reversed so that newer sorts first. */
const LAST_TIME = 999_999_999_999_999

/** A time as keys tell it: whole milliseconds. */
export function keyTime(at: number): number {
  return Math.min(LAST_TIME, Math.max(0, Math.floor(at)))
}

/** A time as a key part that sorts newest first. */
export function newestFirst(at: number): string {
  return String(LAST_TIME - keyTime(at)).padStart(15, '0')
}

export const USERS_PREFIX = 'u/'

export const userPrefix = (user: string): string => `u/${user}/`
export const accountKey = (user: string): string => `u/${user}/a`
export const creditPrefix = (user: string): string => `u/${user}/e/`
export const creditKey = (user: string, id: string): string => `u/${user}/e/${keyOf(id)}`
export const queryPrefix = (user: string): string => `u/${user}/q/`

/** All keys that the record of a query touches. */
export interface QueryKeys {
  readonly account: string
  readonly query: string
  /** For texts that are too long for the query's own row. */
  readonly texts: string
  /** For an id that the client chose. */
  readonly chosenId: string
}

/** The keys of the query that began at `at`, wall clock; its id is hashed once. */
export function queryKeys(user: string, at: number, id: string): QueryKeys {
  const prefix = userPrefix(user)
  const key = keyOf(id)
  return {
    account: `${prefix}a`,
    query: `${prefix}q/${newestFirst(at)}/${key}`,
    texts: `${prefix}t/${key}`,
    chosenId: `${prefix}i/${key}`,
  }
}

export const responsePrefix = (user: string): string => `u/${user}/r/`
export const runningPrefix = (user: string): string => `u/${user}/w/`

/** The keys of a kept response. */
export interface ResponseKeys {
  readonly body: string
  /** Its place in the list, by the wall clock when it was first kept. */
  readonly listed: (at: number) => string
  /** There while the answer still comes. */
  readonly running: string
  /** One of the pieces that came since the text was written, from 0. */
  readonly piece: (index: number) => string
}

export function responseKeys(user: string, id: string): ResponseKeys {
  const key = keyOf(id)
  return {
    body: `u/${user}/p/${key}`,
    listed: (at) => `${responsePrefix(user)}${newestFirst(at)}/${key}`,
    running: `${runningPrefix(user)}${key}`,
    piece: (index) => `u/${user}/x/${key}/${index}`,
  }
}

export const filePrefix = (user: string): string => `u/${user}/f/`
export const fileKey = (user: string, id: string): string => `u/${user}/f/${keyOf(id)}`
export const piecePrefix = (user: string, file: string): string => `u/${user}/g/${keyOf(file)}/`
export const batchPrefix = (user: string): string => `u/${user}/b/`
export const batchKey = (user: string, id: string): string => `u/${user}/b/${keyOf(id)}`
export const spaceKey = (user: string): string => `u/${user}/s`

/** The key of a piece: those of a file are read in the order of `place`, and of one place in the order of `part`. */
export function pieceKey(user: string, file: string, place: number, part = 0): string {
  return `${piecePrefix(user, file)}${String(place).padStart(9, '0')}.${String(part).padStart(4, '0')}`
}

/** The place in the key of a piece. */
export function placeOfPiece(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1, key.lastIndexOf('.')))
}

/** The user key in the key of one of the user's rows; undefined for other rows. */
export function userOfKey(key: string): string | undefined {
  if (!key.startsWith(USERS_PREFIX)) return undefined
  const end = key.indexOf('/', USERS_PREFIX.length)
  return end < 0 ? undefined : key.slice(USERS_PREFIX.length, end)
}

export function isAccountKey(key: string): boolean {
  return key.startsWith(USERS_PREFIX) && key.endsWith('/a') && key.split('/').length === 3
}
