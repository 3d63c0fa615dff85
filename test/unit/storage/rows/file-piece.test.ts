import assert from 'node:assert/strict'
import fc from 'fast-check'
import { cutIntoPieces, filePiece, MAX_FILE_PIECE_BYTES, pieceBytes } from '../../../../storage/rows/file-piece.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'

const cipher = textCipher(new Uint8Array(32))

describe('a piece of a file', () => {
  it('gives back every byte, sealed or not', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        for (const by of [undefined, cipher]) {
          const row = JSON.parse(JSON.stringify(filePiece(Buffer.from(bytes), by, 'place')))
          assert.deepEqual(new Uint8Array(pieceBytes(row, by, 'place')), bytes)
        }
      }),
    )
  })

  it('opens in its own place only, and with its key', () => {
    const sealed = filePiece(Buffer.from('x'), cipher, 'here')
    assert.throws(() => pieceBytes(sealed, cipher, 'there'), { code: 'STORAGE_DAMAGED' })
    assert.throws(() => pieceBytes(sealed, undefined, 'here'), { code: 'KEY_FILE_BAD' })
  })

  it('is one of as many as are needed, none too long', () => {
    const sizes = (length: number): readonly number[] => [...cutIntoPieces(Buffer.alloc(length))].map((p) => p.length)
    assert.deepEqual(sizes(0), [])
    assert.deepEqual(sizes(MAX_FILE_PIECE_BYTES), [MAX_FILE_PIECE_BYTES])
    assert.deepEqual(sizes(MAX_FILE_PIECE_BYTES + 1), [MAX_FILE_PIECE_BYTES, 1])
  })
})
