/** The caller: the one place that reads keys from a request, and the one that compares them. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Scope } from '../../core/scope.ts'

/** The user of a gateway that has no keys: everyone on this machine is one. */
export const LOCAL_USER = 'local'

const BEARER = /^bearer +(\S+) *$/i

/** The key that a request carries, in whichever header; undefined when it carries none, or two that differ. */
export function carriedKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1]
  const plain = headers['x-api-key']
  if (bearer === undefined) return typeof plain === 'string' && plain !== '' ? plain : undefined
  return plain === undefined || plain === bearer ? bearer : undefined
}

/** The form in which keys are kept: SHA-256, lower-case hex. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function knownKey({ hash, scope }: GatewayKey): KnownKey {
  return { digest: digestOf(hash), user: userOfHash(hash), scope }
}

function digestOf(hash: string): Buffer {
  const digest = Buffer.from(hash, 'hex')
  if (digest.length === 32) return digest
  throw new RealmeshError('CONFIG_INVALID', 'an API key hash is not 64 hex digits', {
    fix: 'store the SHA-256 of the key in hex',
  })
}

/** The user that a key makes of its bearer; `hash`: see `hashKey`. */
export function userOfHash(hash: string): string {
  return `key-${hash.slice(0, 16).toLowerCase()}`
}

/** A key as the gateway is given it. */
export interface GatewayKey {
  /** See `hashKey`. */
  readonly hash: string
  /** The widest scope that its queries may have. @default what the node allows */
  readonly scope?: Scope | undefined
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
}

interface KnownKey {
  readonly digest: Buffer
  readonly user: string
  readonly scope?: Scope | undefined
}

/** The keys that open the gateway. They may change while it runs: the next request meets the new ones. */
export class KeyRing {
  readonly #owner: readonly KnownKey[]
  readonly #openWithoutKeys: boolean
  #keys: readonly KnownKey[]

  /** Throws `CONFIG_INVALID` for a hash that is none. */
  constructor({ keys, owner, openWithoutKeys }: KeyRingInit) {
    this.#owner = owner === undefined ? [] : [{ digest: digestOf(owner), user: LOCAL_USER }]
    this.#openWithoutKeys = openWithoutKeys
    this.#keys = keys.map(knownKey)
  }

  /** Takes other keys instead. Throws `CONFIG_INVALID` for a hash that is none; then nothing has changed. */
  replace(keys: readonly GatewayKey[]): void {
    this.#keys = keys.map(knownKey)
  }

  /** The widest scope that the owner allows the user; undefined when there is none. */
  scopeLimit(user: string): Scope | undefined {
    return this.#keys.find((key) => key.user === user)?.scope
  }

  /** How many keys there are, the operator's token aside. */
  get size(): number {
    return this.#keys.length
  }

  /**
   * The user key for fair queueing and receipts. Throws `UNAUTHORIZED`. Every digest is compared, whichever matches.
   */
  identify(headers: IncomingHttpHeaders): string {
    if (this.size === 0 && this.#openWithoutKeys) return LOCAL_USER
    const offered = createHash('sha256')
      .update(carriedKey(headers) ?? '')
      .digest()
    let user: string | undefined
    for (const known of [...this.#keys, ...this.#owner]) if (timingSafeEqual(known.digest, offered)) user = known.user
    if (user !== undefined) return user
    throw new RealmeshError('UNAUTHORIZED', 'the API key is missing or wrong', {
      fix: 'send it as "Authorization: Bearer KEY" or "x-api-key: KEY"',
    })
  }
}
