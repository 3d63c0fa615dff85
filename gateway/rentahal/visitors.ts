/** Of which user a socket of RENT-A-HAL's is: that of the key which it carries, else the one that its cookie names. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Scope } from '../../core/scope.ts'
import type { Allowance } from '../allowance/allowance.ts'
import { carriedKey, isUserOfKey, type KeyRing, LOCAL_USER } from '../door/credentials.ts'
import { isOfThisMachine } from '../door/forwarded.ts'
import { networkOf } from '../door/open-connections.ts'

/** Where a browser keeps who it is. */
export const COOKIE = 'user_guid'

/** Users that one address may bring in an hour where no key is needed: a school class behind one router, reloading. */
export const MAX_NEW_VISITORS = 100

/** Addresses whose visitors are counted, with 20 MB of names at worst; the one that was quiet longest goes. */
export const MAX_COUNTED_ADDRESSES = 1_000

const HOUR_MS = 3_600_000

/** How far what strangers ask may go: friends of the owner share with the owner, not with all that find the address. */
const VISITOR_SCOPE: Scope = 'home'

/** What a cookie may say. Anything else is as if there were none. */
const SAFE_GUID = /^[A-Za-z0-9_-]{1,128}$/

export interface Visitor {
  /** The user's key in the accounts of this node. */
  readonly guid: string
  /** Made here: the browser has to keep it. */
  readonly isFresh: boolean
  /** From this machine, with no key between: the first of these may become the sysop. */
  readonly isLocal: boolean
  /** What their key may use; undefined where that is not limited. */
  readonly allowance: Allowance | undefined
  readonly scopeLimit?: Scope
}

export interface VisitorBookComponents {
  readonly keys: Pick<KeyRing, 'callerOf' | 'size'>
  readonly clock: Pick<Clock, 'monotonic'>
}

export interface VisitorBookInit {
  /** Whether a cookie is enough where others need a key. @default false */
  readonly open?: boolean
}

export class VisitorBook {
  readonly #to: VisitorBookComponents
  readonly #open: boolean
  readonly #seen = new LRUCache<string, { since: number; readonly guids: Set<string> }>({ max: MAX_COUNTED_ADDRESSES })

  constructor(components: VisitorBookComponents, { open = false }: VisitorBookInit = {}) {
    this.#to = components
    this.#open = open
  }

  /** The user of a request. Throws `UNAUTHORIZED`, and `REALM_OVERLOADED` for one too many new ones of an address. */
  identify(request: IncomingMessage): Visitor {
    const caller = this.#caller(request)
    if (caller !== undefined && (caller.user !== LOCAL_USER || this.#to.keys.size > 0)) {
      return { guid: caller.user, isFresh: false, isLocal: false, allowance: caller.allowance }
    }
    const known = cookieGuid(request.headers.cookie)
    const guid = known ?? randomUUID()
    if (caller === undefined) this.#count(request, guid)
    return {
      guid,
      isFresh: known === undefined,
      isLocal: caller !== undefined && isOfThisMachine(request),
      allowance: undefined,
      ...(caller === undefined && { scopeLimit: VISITOR_SCOPE }),
    }
  }

  /** Throws `UNAUTHORIZED` where the sender of the request may not enter, or not any more. */
  assertStillEnters(request: IncomingMessage): void {
    this.#caller(request)
  }

  /** Undefined: a visitor without a key, where none is needed. */
  #caller(request: IncomingMessage): ReturnType<KeyRing['callerOf']> | undefined {
    try {
      return this.#to.keys.callerOf(request.headers)
    } catch (thrown) {
      if (this.#open && carriedKey(request.headers) === undefined) return undefined
      throw thrown
    }
  }

  #count(request: IncomingMessage, guid: string): void {
    const address = networkOf(request.socket.remoteAddress ?? '')
    const now = this.#to.clock.monotonic()
    let seen = this.#seen.get(address)
    if (seen === undefined || now - seen.since >= HOUR_MS) {
      seen = { since: now, guids: new Set() }
      this.#seen.set(address, seen)
    }
    if (!seen.guids.has(guid) && seen.guids.size >= MAX_NEW_VISITORS) throw tooManyVisitors()
    seen.guids.add(guid)
  }
}

/** Names that the gateway gives itself stand in no cookie: with one a browser would be another user. */
function cookieGuid(header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value = ''] = pair.split('=', 2).map((text) => text.trim())
    if (name !== COOKIE) continue
    return SAFE_GUID.test(value) && value !== LOCAL_USER && !isUserOfKey(value) ? value : undefined
  }
  return undefined
}

function tooManyVisitors(): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', 'too many new users came from this address', {
    fix: 'try again in an hour, or ask the owner of the node for an API key',
    retryAfterMs: HOUR_MS,
  })
}
