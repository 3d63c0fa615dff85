/**
 * The key that encrypts kept prompts and answers: 256 bits as base64, in a file of the operator's. It is in no backup.
 */
import { randomBytes } from 'node:crypto'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { atomicWrite } from '../atomic-write.ts'
import { readPrivateFile } from '../private-file.ts'

/** For AES-256. */
const KEY_BYTES = 32

/** As base64 with a line end it takes 45 bytes; what is larger is something else. */
const MAX_FILE_BYTES = 256

/**
 * The key in `path`; made, and kept there with mode 0600, when there is none. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`.
 */
export async function loadOrCreateCipherKey(path: string): Promise<Uint8Array> {
  const unusable = (): RealmeshError => notAKey(path)
  const bytes = await readPrivateFile(path, { what: 'key file', maxBytes: MAX_FILE_BYTES, unusable })
  if (bytes === undefined) {
    const key = randomBytes(KEY_BYTES)
    await atomicWrite(path, `${key.toString('base64')}\n`, { mode: 0o600 })
    return key
  }
  const key = Buffer.from(bytes.toString('utf8').trim(), 'base64')
  if (key.length !== KEY_BYTES) throw notAKey(path)
  return key
}

function notAKey(path: string): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `the key file ${path} does not hold ${KEY_BYTES} bytes`, {
    fix: 'restore the key file from your own copy: what was encrypted with another key stays closed',
  })
}
