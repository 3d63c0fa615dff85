import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { AnswerHash } from '../../../../node/realm/answer-hash.ts'

/** As many characters as are kept before they are folded into a running hash. */
const CHUNK = 64 * 1024

function hashOf(...texts: readonly string[]): string {
  const hash = new AnswerHash()
  for (const text of texts) hash.add({ kind: 'text', text })
  return hash.digest()
}

describe('AnswerHash', () => {
  it('is that of the whole text, wherever it is cut, within a character of two units too', () => {
    const text = `${'x'.repeat(CHUNK - 1)}😀${'y'.repeat(CHUNK)}`
    const whole = createHash('sha256').update(text).digest('hex')
    for (const at of [1, CHUNK - 1, CHUNK, CHUNK + 1]) {
      assert.equal(hashOf(text.slice(0, at), text.slice(at)), whole)
    }
  })

  it('is that of the bytes of a picture', () => {
    const data = Uint8Array.of(1, 2, 3)
    const hash = new AnswerHash()
    hash.add({ kind: 'image', index: 0, mediaType: 'image/png', data })
    assert.equal(hash.digest(), createHash('sha256').update(data).digest('hex'))
  })
})
