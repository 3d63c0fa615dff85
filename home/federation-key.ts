/** The operator's key: nodes that hold the same one are one federation. */
import { createHash } from 'node:crypto'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { HomeFolder } from './home-folder.ts'
import { loadOrCreateKeyFile, readKeyFile } from './key-file.ts'

const WHAT = 'federation key'

/** What to do about a file that was named: no new one is made in its place. */
const NAMED_FIX = 'copy federation.key from a node of the federation, mode 600, or leave out --federation-key'

/**
 * The federation's private key. Without `file` it is the one in the home, made at the first start. A file that was
 * named must exist: to make a new key there would found a federation by a typing error. Throws `KEY_FILE_LAX` or
 * `KEY_FILE_BAD`.
 */
export async function loadFederationKey(
  home: Pick<HomeFolder, 'federationKey'>,
  file: string | undefined,
): Promise<Ed25519PrivateKey> {
  if (file === undefined) return await loadOrCreateKeyFile(home.federationKey, WHAT)
  const key = await readKeyFile(file, WHAT, NAMED_FIX)
  if (key !== undefined) return key
  throw new RealmeshError('KEY_FILE_BAD', `there is no federation key ${file}`, {
    fix: NAMED_FIX,
  })
}

/** The key if it is there already; nothing is made. Throws like `loadFederationKey`. */
export async function peekFederationKey(
  home: Pick<HomeFolder, 'federationKey'>,
  file: string | undefined,
): Promise<Ed25519PrivateKey | undefined> {
  return await readKeyFile(file ?? home.federationKey, WHAT)
}

/**
 * The federation's default id in RENT-A-HAL's form, `federation_` and eight hex digits. It is taken from the public
 * key, so that it is made once, kept with the key, and the same on every member. Short enough to collide: a label,
 * never a proof.
 */
export function federationIdOf(publicKey: { readonly raw: Uint8Array }): string {
  return `federation_${createHash('sha256').update('realmesh/federation-id/').update(publicKey.raw).digest('hex').slice(0, 8)}`
}
