import assert from 'node:assert/strict'
import { LineBatches } from '../../../../engines/http/line-batches.ts'

describe('LineBatches', () => {
  it('gives whole lines, however the bytes are cut', () => {
    const text = 'erste Zeile ü\n二行目 🚀\n\nlast'
    const bytes = Buffer.from(text)
    for (let size = 1; size < bytes.length; size += 1) {
      const batches = new LineBatches({ engine: 'stub' })
      let seen = ''
      for (let at = 0; at < bytes.length; at += size) {
        const lines = batches.push(bytes.subarray(at, at + size))
        assert.ok(lines === '' || lines.endsWith('\n'))
        seen += lines
      }
      assert.equal(seen + batches.flush(), text)
    }
  })

  it('refuses a line without end', () => {
    const batches = new LineBatches({ engine: 'stub', maxLineBytes: 10 })
    batches.push(Buffer.from('12345'))
    assert.throws(() => batches.push(Buffer.from('678901')), { code: 'ENGINE_GARBAGE' })
  })
})
