/** Texts of a user as they lie in rows: as they are, or sealed where the node encrypts. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { TextCipher } from '../store/encryption.ts'

/** A text in a row. */
export interface WordsRow {
  readonly text?: string
  readonly sealed?: string
}

export class KeptWords {
  readonly #cipher: TextCipher | undefined

  /** Without a cipher texts are stored as they are. */
  constructor(cipher: TextCipher | undefined) {
    this.#cipher = cipher
  }

  /** `place`: the key of the row, at which alone it can be read. */
  sealed(text: string, place: string): WordsRow {
    return this.#cipher === undefined ? { text } : { sealed: this.#cipher.seal(text, place) }
  }

  /** Throws `KEY_FILE_BAD` for a sealed text where there is no key. */
  read({ text, sealed }: WordsRow, place: string): string {
    if (sealed === undefined) return text ?? ''
    if (this.#cipher === undefined) {
      throw new RealmeshError('KEY_FILE_BAD', 'this response is encrypted and the node was given no key', {
        fix: 'set the key file that it was written with',
      })
    }
    return this.#cipher.unseal(sealed, place)
  }
}
