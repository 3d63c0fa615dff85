/** A piece of a file as a row: any bytes, as text, for records are JSON. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { TextCipher } from '../store/encryption.ts'

/**
 * Longest piece, bytes: rows of a user are read and moved by the hundred, and all of them must fit into memory.
 */
export const MAX_FILE_PIECE_BYTES = 64 * 1024

export interface FilePiece {
  /** One character for each byte: what is text in the main takes little more room than it has bytes. */
  readonly data?: string
  readonly sealed?: string
}

/** The row that holds `bytes` under the key `place`. */
export function filePiece(bytes: Buffer, cipher: TextCipher | undefined, place: string): FilePiece {
  const data = bytes.toString('latin1')
  return cipher === undefined ? { data } : { sealed: cipher.seal(data, place) }
}

/** The bytes of a row. Throws `KEY_FILE_BAD` when it is sealed and there is no key. */
export function pieceBytes({ data = '', sealed }: FilePiece, cipher: TextCipher | undefined, place: string): Buffer {
  if (sealed === undefined) return Buffer.from(data, 'latin1')
  if (cipher === undefined) {
    throw new RealmeshError('KEY_FILE_BAD', 'this file is encrypted and the node was given no key', {
      fix: 'set the key file that it was written with',
    })
  }
  return Buffer.from(cipher.unseal(sealed, place), 'latin1')
}

/** `bytes` as pieces that rows may hold, in order. */
export function* cutIntoPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += MAX_FILE_PIECE_BYTES) yield bytes.subarray(at, at + MAX_FILE_PIECE_BYTES)
}
