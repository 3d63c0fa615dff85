/**
 * Private keys on disk: Ed25519 as libp2p's protobuf, mode 0600. A key that others may read is refused, not repaired.
 */
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { RealmeshError } from '../core/realmesh-error.ts'
import { atomicWrite } from './atomic-write.ts'
import type { HomeFolder } from './home-folder.ts'
import { readPrivateFile } from './private-file.ts'

/** An Ed25519 key in protobuf takes 68 bytes; what is larger is something else. */
const MAX_KEY_BYTES = 1024

/** The node's private key, which is who it is: made at the first start. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function loadIdentity(home: Pick<HomeFolder, 'identityKey'>): Promise<Ed25519PrivateKey> {
  return await loadOrCreateKeyFile(home.identityKey, 'identity key')
}

/**
 * The key in `path`; undefined when there is no such file. Throws `KEY_FILE_LAX` when others may read or change it, and
 * `KEY_FILE_BAD` when it holds no Ed25519 key. `what` names the key in messages, `fix` says what to do about a wrong
 * one.
 */
export async function readKeyFile(
  path: string,
  what: string,
  fix = `put the right file back, or remove ${path}: a new key, and with it a new identity, is made at the next start`,
): Promise<Ed25519PrivateKey | undefined> {
  const unusable = (cause?: unknown): RealmeshError =>
    new RealmeshError('KEY_FILE_BAD', `the ${what} ${path} holds no Ed25519 key`, { fix, cause })
  const bytes = await readPrivateFile(path, { what, maxBytes: MAX_KEY_BYTES, unusable })
  return bytes === undefined ? undefined : decode(bytes, unusable)
}

/** The key in `path`; made, and kept there with mode 0600, when there is none. */
export async function loadOrCreateKeyFile(path: string, what: string): Promise<Ed25519PrivateKey> {
  const existing = await readKeyFile(path, what)
  if (existing !== undefined) return existing
  const key = await generateKeyPair('Ed25519')
  await atomicWrite(path, privateKeyToProtobuf(key), { mode: 0o600 })
  return key
}

function decode(bytes: Uint8Array, unusable: (cause?: unknown) => RealmeshError): Ed25519PrivateKey {
  try {
    const key = privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519') return key
  } catch (cause) {
    throw unusable(cause)
  }
  throw unusable()
}
