import assert from 'node:assert/strict'
import { engineImage, engineImageFromBase64, imageTypeOf } from '../../../../engines/images/image-bytes.ts'

const PNG = Buffer.from('89504e470d0a1a0a00', 'hex')

describe('imageTypeOf', () => {
  const rows: readonly (readonly [hex: string, type: string | undefined])[] = [
    ['89504e470d0a1a0a', 'image/png'],
    ['ffd8ffe0', 'image/jpeg'],
    [`52494646${'00'.repeat(4)}57454250`, 'image/webp'],
    ['474946383961', 'image/gif'],
    [`52494646${'00'.repeat(4)}57415645`, undefined],
    [Buffer.from('<svg xmlns=').toString('hex'), undefined],
    ['89504e47', undefined],
    ['', undefined],
  ]
  for (const [hex, type] of rows) {
    it(`takes ${hex === '' ? 'nothing' : hex} for ${type ?? 'no picture'}`, () => {
      assert.equal(imageTypeOf(Buffer.from(hex, 'hex')), type)
    })
  }
})

describe('an image of an engine', () => {
  it('is what its first bytes say, with and without the prefix of a data: URL', () => {
    for (const text of [PNG.toString('base64'), `data:image/webp;base64,${PNG.toString('base64')}`]) {
      const { mediaType, data } = engineImageFromBase64('sd-cpp', text)
      assert.deepEqual([mediaType, Buffer.from(data)], ['image/png', PNG])
    }
  })

  it('is refused when it is none', () => {
    assert.throws(() => engineImage('sd-cpp', Buffer.from('<html>')), { code: 'ENGINE_GARBAGE' })
    assert.throws(() => engineImageFromBase64('sd-cpp', 7), { code: 'ENGINE_GARBAGE' })
  })
})
