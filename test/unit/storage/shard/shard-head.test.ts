import assert from 'node:assert/strict'
import { addToSum, decodeHead, emptyHead, encodeHead, nextHead } from '../../../../storage/shard/shard-head.ts'
import { carriedChecksum, encodeRecord } from '../../../../storage/store/checked-record.ts'

const EPOCH = 'ab'.repeat(8)
const a = encodeRecord('a', { n: 1 })
const b = encodeRecord('b', { n: 2 })

describe('the head of a shard', () => {
  it('counts commits and records, and sums their checksums', () => {
    const one = nextHead(emptyHead(EPOCH, 2), [{ before: undefined, after: a }])
    assert.deepEqual(one, { epoch: EPOCH, seq: 1, records: 1, sum: carriedChecksum(a), schema: 2 })
    const two = nextHead(one, [{ before: undefined, after: b }])
    assert.deepEqual([two.seq, two.records, two.sum], [2, 2, addToSum(carriedChecksum(a), carriedChecksum(b))])
  })

  it('is what it was when all is removed again, but for the number of the commit', () => {
    const full = nextHead(
      emptyHead(EPOCH, 2),
      [a, b].map((after) => ({ before: undefined, after })),
    )
    const empty = nextHead(
      full,
      [a, b].map((before) => ({ before, after: undefined })),
    )
    assert.deepEqual(empty, { ...emptyHead(EPOCH, 2), seq: 2 })
  })

  it('tells a replaced record from the one before', () => {
    const one = nextHead(emptyHead(EPOCH, 2), [{ before: undefined, after: a }])
    const changed = nextHead(one, [{ before: a, after: encodeRecord('a', { n: 9 }) }])
    assert.equal(changed.records, 1)
    assert.notEqual(changed.sum, one.sum)
  })

  it('wraps far below the largest exact integer', () => {
    assert.equal(addToSum(2 ** 48 - 1, 1), 0)
  })

  it('comes back as it was stored, and not when a bit was flipped', () => {
    const head = nextHead(emptyHead(EPOCH, 2), [{ before: undefined, after: a }])
    const bytes = Buffer.from(encodeHead(head))
    assert.deepEqual(decodeHead(bytes), head)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    assert.throws(() => decodeHead(bytes), { code: 'STORAGE_DAMAGED' })
  })
})
