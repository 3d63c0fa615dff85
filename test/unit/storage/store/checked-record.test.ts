import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeRecord, encodeRecord, isIntact } from '../../../../storage/store/checked-record.ts'

describe('the record envelope', () => {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.integer({ min: 1, max: 255 }), (key, value, version) => {
        assert.deepEqual(decodeRecord(key, encodeRecord(key, value, version)), {
          version,
          value: JSON.parse(JSON.stringify(value)),
        })
      }),
    )
  })

  it('notices every flipped bit, every cut and another key', () => {
    const bytes = encodeRecord('key', { text: 'hello', n: 7 })
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.throws(() => decodeRecord('key', changed), { code: 'STORAGE_DAMAGED' })
    }
    for (let length = 0; length < bytes.length; length += 1) assert.ok(!isIntact('key', bytes.subarray(0, length)))
    assert.ok(!isIntact('kez', bytes))
  })

  it('throws nothing else for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.throws(() => decodeRecord('k', bytes), { code: 'STORAGE_DAMAGED' })
      }),
      { numRuns: 2_000 },
    )
  })
})
