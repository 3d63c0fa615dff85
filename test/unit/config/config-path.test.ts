import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatPath, parsePath } from '../../../config/config-path.ts'

describe('config paths', () => {
  for (const text of ['node.http', 'workers[0].url', 'realms.$CHAT.models.aliases."gpt-4.1"', '"a b"[3]']) {
    it(`reads and writes ${text}`, () => {
      const path = parsePath(text)
      assert.ok(path !== undefined)
      assert.equal(formatPath(path), text)
    })
  }

  it('comes back the same for any keys', () => {
    const key = fc.oneof(fc.string({ minLength: 1, unit: fc.constantFrom(...'ab.$[]" \\-') }), fc.nat(99))
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), (path) => {
        assert.deepEqual(parsePath(formatPath(path)), path)
      }),
    )
  })
})
