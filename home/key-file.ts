/** Private keys on disk: Ed25519 as libp2p's protobuf, mode 0600. A key that others may read is refused, not repaired. */
import { open } from 'node:fs/promises'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { RealmeshError } from '../core/realmesh-error.ts'
import { codeOf } from '../core/thrown.ts'
import { atomicWrite } from './atomic-write.ts'

/** An Ed25519 key in protobuf takes 68 bytes; what is larger is something else. */
const MAX_KEY_BYTES = 1024

const OTHERS_MAY = 0o077

/**
 * The key in `path`; undefined when there is no such file. Throws `KEY_FILE_LAX` when others may read or change it, and
 * `KEY_FILE_BAD` when it holds no Ed25519 key. `what` names the key in messages.
 */
export async function readKeyFile(path: string, what: string): Promise<Ed25519PrivateKey | undefined> {
  const bytes = await readPrivate(path, what)
  return bytes === undefined ? undefined : decode(bytes, path, what)
}

/** The key in `path`; made, and kept there with mode 0600, when there is none. */
export async function loadOrCreateKeyFile(path: string, what: string): Promise<Ed25519PrivateKey> {
  const existing = await readKeyFile(path, what)
  if (existing !== undefined) return existing
  const key = await generateKeyPair('Ed25519')
  await atomicWrite(path, privateKeyToProtobuf(key), { mode: 0o600 })
  return key
}

async function readPrivate(path: string, what: string): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new RealmeshError('KEY_FILE_BAD', `cannot read the ${what} ${path}: ${codeOf(cause) ?? String(cause)}`, {
      fix: `make ${path} a file that this user owns, with mode 600`,
      cause,
    })
  })
  if (file === undefined) return undefined
  try {
    const { mode, size } = await file.stat()
    // Windows has no such modes: its access lists come from the folder.
    if (process.platform !== 'win32' && (mode & OTHERS_MAY) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0')
      throw new RealmeshError('KEY_FILE_LAX', `the ${what} ${path} has mode ${shown}: others could use it`, {
        fix: `chmod 600 ${path}`,
      })
    }
    if (size > MAX_KEY_BYTES) throw notAKey(path, what)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function decode(bytes: Uint8Array, path: string, what: string): Ed25519PrivateKey {
  try {
    const key = privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519') return key
  } catch (cause) {
    throw notAKey(path, what, cause)
  }
  throw notAKey(path, what)
}

function notAKey(path: string, what: string, cause?: unknown): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `the ${what} ${path} holds no Ed25519 key`, {
    fix: `put the right file back, or remove ${path}: a new key, and with it a new identity, is made at the next start`,
    cause,
  })
}
