import assert from 'node:assert/strict'
import { Buckets } from '../../../../discovery/guard/buckets.ts'

const RULE = { perSecond: 1, burst: 3 }

describe('buckets', () => {
  it('are one for each, and all of one rule', () => {
    const buckets = new Buckets({ rule: RULE, max: 10 })
    assert.equal(buckets.take('a', 0, 3), true)
    assert.equal(buckets.take('a', 0), false)
    assert.equal(buckets.take('b', 0), true)
    assert.equal(buckets.take('a', 1_000), true)
  })

  it('may owe, down to a bound', () => {
    const buckets = new Buckets({ rule: RULE, max: 10 })
    buckets.charge('a', 0, 100, -3)
    assert.equal(buckets.take('a', 3_000), false)
    assert.equal(buckets.take('a', 4_000), true)
  })

  it('are full again for those that were forgotten', () => {
    const buckets = new Buckets({ rule: RULE, max: 2 })
    for (const whose of ['a', 'b', 'c']) buckets.take(whose, 0, 3)
    assert.equal(buckets.take('c', 0), false)
    assert.equal(buckets.take('a', 0), true)
  })
})
