import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeHead, emptyHead, encodeHead, nextHead } from '../../../../storage/shard/shard-head.ts'
import { decodeWitness, encodeWitness } from '../../../../storage/shard/witness-file.ts'
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

describe('the head of a shard', () => {
  it('counts records and sums their checksums whatever the order of changes', () => {
    const a = encodeRecord('a', 1)
    const b = encodeRecord('b', 2)
    const both = nextHead(emptyHead('00'.repeat(8), 1), [
      { before: undefined, after: a },
      { before: undefined, after: b },
    ])
    assert.equal(both.records, 2)
    const one = nextHead(both, [{ before: a, after: undefined }])
    const other = nextHead(emptyHead('00'.repeat(8), 1), [{ before: undefined, after: b }])
    assert.equal(one.sum, other.sum)
    assert.equal(one.records, 1)
    assert.deepEqual(decodeHead(encodeHead(one)), one)
  })
})

describe('the witness', () => {
  const slot = (seq: number): Buffer => encodeWitness({ epoch: 'ab'.repeat(8), seq })

  it('is the newer of two slots, and survives the loss of either', () => {
    assert.equal(decodeWitness(Buffer.concat([slot(7), slot(8)]))?.seq, 8)
    const torn = Buffer.concat([slot(7), slot(8)])
    torn[40] = (torn[40] ?? 0) ^ 1
    assert.equal(decodeWitness(torn)?.seq, 7)
    assert.equal(decodeWitness(slot(9))?.seq, 9)
    assert.equal(decodeWitness(Buffer.alloc(64)), undefined)
    assert.equal(decodeWitness(Buffer.alloc(3)), undefined)
  })
})
