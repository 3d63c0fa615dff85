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

function userOfHash(hash: string): string {
  return `key-${hash.slice(0, 16).toLowerCase()}`
}

/** The keys that open the gateway. Without any, everyone may enter; the bind rule keeps that to loopback. */
export class KeyRing {
  readonly #digests: { readonly digest: Buffer; readonly user: string }[]
  readonly #size: number
  readonly #scopes = new Map<string, Scope>()

  /**
   * `hashes`: see `hashKey`. `scopes`: the widest scope of those keys that have one, by hash. `owner`: hash of the
   * operator's token, with which the operator's own commands enter as the local user where others need a key.
   */
  constructor(hashes: readonly string[], scopes: ReadonlyMap<string, Scope> = new Map(), owner?: string) {
    this.#size = hashes.length
    this.#digests = hashes.map((hash) => ({ digest: Buffer.from(hash, 'hex'), user: userOfHash(hash) }))
    if (owner !== undefined) this.#digests.push({ digest: Buffer.from(owner, 'hex'), user: LOCAL_USER })
    for (const [hash, scope] of scopes) this.#scopes.set(userOfHash(hash), scope)
    if (this.#digests.some(({ digest }) => digest.length !== 32)) {
      throw new RealmeshError('CONFIG_INVALID', 'an API key hash is not 64 hex digits', {
        fix: 'store the SHA-256 of the key in hex',
      })
    }
  }

  /** The widest scope that the owner allows the user; undefined when there is none. */
  scopeLimit(user: string): Scope | undefined {
    return this.#scopes.get(user)
  }

  /** How many keys there are, the operator's token aside. */
  get size(): number {
    return this.#size
  }

  /**
   * The user key for fair queueing and receipts. Throws `UNAUTHORIZED`. Every digest is compared, whichever matches.
   */
  identify(headers: IncomingHttpHeaders): string {
    if (this.#size === 0) return LOCAL_USER
    const offered = createHash('sha256')
      .update(carriedKey(headers) ?? '')
      .digest()
    let user: string | undefined
    for (const known of this.#digests) if (timingSafeEqual(known.digest, offered)) user = known.user
    if (user !== undefined) return user
    throw new RealmeshError('UNAUTHORIZED', 'the API key is missing or wrong', {
      fix: 'send it as "Authorization: Bearer KEY" or "x-api-key: KEY"',
    })
  }
}
