import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { textCipher } from '../../../../storage/store/encryption.ts'

describe('texts at rest', () => {
  const cipher = textCipher(randomBytes(32))

  it('open with the key and in the place for which they were sealed', () => {
    for (const text of ['', 'hello', '🦙'.repeat(1_000)]) assert.equal(cipher.unseal(cipher.seal(text, 'p'), 'p'), text)
  })

  it('look different every time', () => {
    assert.notEqual(cipher.seal('hello', 'p'), cipher.seal('hello', 'p'))
  })

  it('do not open elsewhere, with another key, or when a bit was flipped', () => {
    const sealed = cipher.seal('hello', 'p')
    const flipped = Buffer.from(sealed, 'base64')
    flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1
    const damaged = { code: 'STORAGE_DAMAGED' }
    assert.throws(() => cipher.unseal(sealed, 'q'), damaged)
    assert.throws(() => textCipher(randomBytes(32)).unseal(sealed, 'p'), damaged)
    assert.throws(() => cipher.unseal(flipped.toString('base64'), 'p'), damaged)
    assert.throws(() => cipher.unseal('', 'p'), damaged)
  })

  it('need 32 bytes of key', () => {
    for (const length of [0, 16, 31, 33])
      assert.throws(() => textCipher(Buffer.alloc(length)), { code: 'KEY_FILE_BAD' })
  })
})
