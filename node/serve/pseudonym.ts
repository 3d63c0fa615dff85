/**
 * What other nodes see instead of a user: stable within one swarm, so that they can be fair between users, and
 * meaningless outside.
 */
import { createHmac, hkdfSync } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Users whose pseudonym is kept at hand; computing one again costs microseconds. */
const MAX_CACHED = 4_096

/** Long enough that two of a million users do not meet, short enough for every query. */
const PSEUDONYM_CHARACTERS = 16

/** The function that names users in `network`; without the node's private key a name cannot be traced to its user. */
export function pseudonyms(privateKey: Uint8Array, network: string): (user: string) => string {
  const secret = Buffer.from(hkdfSync('sha256', privateKey, network, 'realmesh user pseudonym', 32))
  const known = new LRUCache<string, string>({ max: MAX_CACHED })
  return (user) => {
    const found = known.get(user)
    if (found !== undefined) return found
    const made = createHmac('sha256', secret).update(user).digest('base64url').slice(0, PSEUDONYM_CHARACTERS)
    known.set(user, made)
    return made
  }
}
