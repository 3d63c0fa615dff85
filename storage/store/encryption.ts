/**
 * Prompts and answers encrypted at rest: AES-256-GCM with a key of the operator's. The row's key is bound in, so that a
 * sealed text cannot be put under another query. Totals, times and names of models stay readable: the node works with
 * them.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
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
  if (key.length !== KEY_BYTES) throw new RealmeshError('KEY_FILE_BAD', `the key does not have ${KEY_BYTES} bytes`)
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
