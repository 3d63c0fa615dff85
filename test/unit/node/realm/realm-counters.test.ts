import assert from 'node:assert/strict'
import { RealmCounters } from '../../../../node/realm/realm-counters.ts'

describe('RealmCounters', () => {
  it('averages the time of those that were answered, the recent ones more', () => {
    const counters = new RealmCounters()
    counters.count('processed', 2_000)
    assert.equal(counters.avgProcessingTime, 2)
    counters.count('processed', 4_000)
    assert.ok(Math.abs(counters.avgProcessingTime - 2.2) < 1e-9)
    assert.equal(counters.processedQueries, 2)
  })

  it('counts failures and those that left apart, and takes no time from them', () => {
    const counters = new RealmCounters()
    counters.count('failed', 9_000)
    counters.count('cancelled', 9_000)
    assert.deepEqual([counters.errorCount, counters.cancelled, counters.avgProcessingTime], [1, 1, 0])
  })
})
