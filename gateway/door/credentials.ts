/** The caller: the one place that reads keys from a request, and the one that compares them. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import type { Scope } from '../../core/scope.ts'
import type { Permitted } from '../../node/api/permitted.ts'
import { userBanned } from '../../node/api/user-banned.ts'
import type { Allowance } from '../allowance/allowance.ts'
import { Allowances, type DayOfTokens } from '../allowance/allowances.ts'
import type { KeyLimits } from '../allowance/key-limits.ts'
import { KeyLives } from '../allowance/key-lives.ts'
import { isForwarded } from './forwarded.ts'

/** The user of a gateway that has no keys: everyone on this machine is one. */
export const LOCAL_USER = 'local'

const BEARER = /^bearer +(\S+) *$/i

/** How a page carries a key into a WebSocket, where it can set no header: OpenAI's name among the subprotocols. */
const KEY_PROTOCOL = 'openai-insecure-api-key.'

/**
 * The key that a request carries, in whichever header: `Authorization: Bearer`, `x-api-key`, or that subprotocol of a
 * WebSocket. Undefined when it carries none, or several that differ. Never in an address: proxies and logs keep those.
 */
export function carriedKey(headers: IncomingHttpHeaders): string | undefined {
  const plain = headers['x-api-key']
  const carried = new Set<string>()
  for (const key of [BEARER.exec(headers.authorization ?? '')?.[1], plain, protocolKey(headers)]) {
    if (typeof key === 'string' && key !== '') carried.add(key)
  }
  const [key] = carried
  return carried.size === 1 ? key : undefined
}

function protocolKey({ 'sec-websocket-protocol': protocols }: IncomingHttpHeaders): string | undefined {
  const named = protocols?.split(',').find((protocol) => protocol.trim().startsWith(KEY_PROTOCOL))
  return named?.trim().slice(KEY_PROTOCOL.length)
}

/** The form in which keys are kept: SHA-256, lower-case hex. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

const KEY_USER_PREFIX = 'key-'

/** The user that a key makes of its bearer; `hash`: see `hashKey`. */
export function userOfHash(hash: string): string {
  return `${KEY_USER_PREFIX}${hash.slice(0, 16).toLowerCase()}`
}

/** Whether a key makes that user, or made it once. Visitors are never given such a name. */
export function isUserOfKey(user: string): boolean {
  return user.startsWith(KEY_USER_PREFIX)
}

/** A key as the gateway is given it. */
export interface GatewayKey {
  /** See `hashKey`. */
  readonly hash: string
  /** The widest scope that its queries may have. @default what the node allows */
  readonly scope?: Scope | undefined
  /** What it may be used for. @default everything */
  readonly permitted?: Permitted | undefined
  /** How much it may use. @default without a limit */
  readonly limits?: KeyLimits | undefined
  /** Wall clock, milliseconds since the epoch, from which on it opens nothing. @default never */
  readonly expiresMs?: number | undefined
}

export interface KeyRingInit {
  readonly keys: readonly GatewayKey[]
  /**
   * Hash of the operator's token, with which the operator's own commands enter as the local user where others need a
   * key.
   */
  readonly owner?: string | undefined
  /** Whether everyone may enter while there is no key: right where only this machine can knock. */
  readonly openWithoutKeys: boolean
  /** Tokens that keys used today before. @default none */
  readonly tokensBefore?: DayOfTokens | undefined
}

export interface KeyRingComponents {
  /** @default systemClock */
  readonly clock?: Pick<Clock, 'wall' | 'monotonic'>
  /** Whether the operator shut the user out, from memory. @default nobody is */
  readonly isBanned?: (user: string) => boolean
}

interface KnownKey extends GatewayKey {
  readonly digest: Buffer
  readonly user: string
}

/** Who enters. */
export interface Caller {
  /** The user key for fair queueing and receipts. */
  readonly user: string
  /** What their key may use; undefined where that is not limited. */
  readonly allowance: Allowance | undefined
}

/** The keys that open the gateway. They may change while it runs: the next request meets the new ones. */
export class KeyRing {
  readonly #clock: Pick<Clock, 'wall' | 'monotonic'>
  readonly #isBanned: (user: string) => boolean
  readonly #owner: KnownKey | undefined
  readonly #openWithoutKeys: boolean
  readonly #allowances: Allowances
  readonly #lives = new KeyLives()
  /** By their hash. */
  #keys: ReadonlyMap<string, KnownKey> = new Map()
  #byUser: ReadonlyMap<string, KnownKey> = new Map()

  /** Throws `CONFIG_INVALID` for a hash that is none. */
  constructor(init: KeyRingInit, { clock = systemClock, isBanned = () => false }: KeyRingComponents = {}) {
    this.#clock = clock
    this.#isBanned = isBanned
    this.#owner = init.owner === undefined ? undefined : { ...knownKey({ hash: init.owner }), user: LOCAL_USER }
    this.#openWithoutKeys = init.openWithoutKeys
    this.#allowances = new Allowances({ clock }, init.tokensBefore)
    this.replace(init.keys)
  }

  /** Takes other keys instead. Throws `CONFIG_INVALID` for a hash that is none; then nothing has changed. */
  replace(keys: readonly GatewayKey[]): void {
    const known = keys.map(knownKey)
    this.#keys = new Map(known.map((key) => [key.digest.toString('hex'), key]))
    this.#byUser = new Map(known.map((key) => [key.user, key]))
    this.#allowances.replace(known)
    this.#lives.replace([...this.#byUser.keys()])
  }

  /** The widest scope that the owner allows the user; undefined when there is none. */
  scopeLimit(user: string): Scope | undefined {
    return this.#byUser.get(user)?.scope
  }

  /**
   * The life of the user's key, with which its queries end; undefined for users that no key makes: their work outlives
   * all keys.
   * Throws `KEY_REMOVED` where the key was taken back, `UNAUTHORIZED` where it has expired: for queries that come
   * without their key, such as those of a batch.
   */
  lifeOf(user: string): CancelSignal | undefined {
    if (!isUserOfKey(user)) return undefined
    const expiresMs = this.#byUser.get(user)?.expiresMs
    if (expiresMs !== undefined && expiresMs <= this.#clock.wall()) throw expired(expiresMs)
    return this.#lives.of(user)
  }

  /** What the owner allows the user to ask for; undefined: everything. */
  permitted(user: string): Permitted | undefined {
    return this.#byUser.get(user)?.permitted
  }

  /** What keys have used, and what of it must outlast a restart. */
  get allowances(): Pick<Allowances, 'of' | 'usage' | 'today'> {
    return this.#allowances
  }

  /** How many keys there are, the operator's token aside. */
  get size(): number {
    return this.#keys.size
  }

  /** The user of a request. Throws `UNAUTHORIZED`. */
  identify(headers: IncomingHttpHeaders): string {
    const open = this.size === 0 && this.#openWithoutKeys
    if (open && !isForwarded(headers)) return LOCAL_USER
    const known = this.#knownKey(carriedKey(headers) ?? '')
    if (known === undefined && open) throw throughProxy()
    if (known === undefined) {
      throw new RealmeshError('UNAUTHORIZED', 'the API key is missing or wrong', {
        fix: 'send it as "Authorization: Bearer KEY" or "x-api-key: KEY"',
      })
    }
    const { expiresMs, user } = known
    // Told only to a caller that has the key: it says nothing about any other.
    if (expiresMs !== undefined && expiresMs <= this.#clock.wall()) throw expired(expiresMs)
    return user
  }

  /** The same, with what their key may use. Throws `UNAUTHORIZED`, `USER_BANNED`. */
  callerOf(headers: IncomingHttpHeaders): Caller {
    const user = this.identify(headers)
    if (this.#isBanned(user)) throw userBanned()
    return { user, allowance: this.#allowances.of(user) }
  }

  /**
   * Found by its hash, compared as a whole. How long the search takes tells of the hash of what was offered, which its
   * sender cannot choose, and nothing of any key.
   */
  #knownKey(offered: string): KnownKey | undefined {
    const digest = createHash('sha256').update(offered).digest()
    const found = this.#keys.get(digest.toString('hex')) ?? this.#owner
    return found !== undefined && timingSafeEqual(found.digest, digest) ? found : undefined
  }
}

function expired(expiresMs: number): RealmeshError {
  return new RealmeshError('UNAUTHORIZED', `this API key expired on ${new Date(expiresMs).toISOString()}`, {
    fix: 'ask the owner of the node for another: realmesh keys add',
  })
}

/** Behind a proxy on this machine, strangers look like programs here. */
function throughProxy(): RealmeshError {
  return new RealmeshError('UNAUTHORIZED', 'a request that came through a proxy needs an API key', {
    fix: 'realmesh keys add makes one, which programs here then need too; or call the gateway without a proxy',
  })
}

function knownKey(key: GatewayKey): KnownKey {
  return { ...key, digest: digestOf(key.hash), user: userOfHash(key.hash) }
}

function digestOf(hash: string): Buffer {
  const digest = Buffer.from(hash, 'hex')
  if (digest.length === 32) return digest
  throw new RealmeshError('CONFIG_INVALID', 'an API key hash is not 64 hex digits', {
    fix: 'store the SHA-256 of the key in hex',
  })
}
