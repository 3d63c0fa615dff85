/**
 * Prompts and answers encrypted at rest: AES-256-GCM with a key file of the operator's (0600). The row's key is bound in, so that a
 * sealed text cannot be put under another query. Totals, times and names of models stay readable: the node works with them.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface TextCipher {
  /** `place` is bound in and has to be given again to open. */
  seal(text: string, place: string): string
  /** Throws `STORAGE_DAMAGED` when the text was changed, moved, or sealed with another key. */
  unseal(sealed: string, place: string): string
}

/** A cipher over 32 bytes of key. Each text gets a fresh random nonce: safe for 2^32 texts under one key. */
export function textCipher(key: Uint8Array): TextCipher {
  if (key.length !== KEY_BYTES) throw badKey('the key file does not hold 32 bytes')
  return {
    seal: (text, place) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
    },
    unseal: (sealed, place) => {
      const bytes = Buffer.from(sealed, 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(place))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw new RealmeshError('STORAGE_DAMAGED', 'an encrypted text does not open with this key', { cause })
      }
    },
  }
}

function badKey(message: string): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', message, { fix: 'restore the key file from your own copy' })
}

/** Reads the key file, or makes one when there is none and `create` is set. Throws `KEY_FILE_LAX` when others may read it. */
export async function readCipherKey(path: string, create: boolean): Promise<Uint8Array> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) {
    if (!create) throw badKey('the key file is missing')
    const key = randomBytes(KEY_BYTES)
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${key.toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    return key
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new RealmeshError('KEY_FILE_LAX', 'the key file may be read by others', { fix: `chmod 600 ${path}` })
  }
  return Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
}
