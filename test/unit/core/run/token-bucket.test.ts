import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fullBucket, hasToken, takeToken } from '../../../../core/run/token-bucket.ts'

const RULE = { perSecond: 20, burst: 100 }

describe('token bucket', () => {
  it('lets a burst through and then what comes back per second', () => {
    const bucket = fullBucket(RULE, 0)
    const taken = (now: number): number => {
      let count = 0
      while (takeToken(bucket, RULE, now)) count += 1
      return count
    }
    assert.equal(taken(0), 100)
    assert.equal(taken(0), 0)
    assert.equal(taken(500), 10)
    assert.equal(taken(60_000), 100)
  })

  it('takes nothing when only asked', () => {
    const bucket = fullBucket({ perSecond: 0, burst: 1 }, 0)
    assert.ok(hasToken(bucket, { perSecond: 0, burst: 1 }, 0))
    assert.ok(takeToken(bucket, { perSecond: 0, burst: 1 }, 0))
    assert.ok(!hasToken(bucket, { perSecond: 0, burst: 1 }, 0))
  })

  it('never gives more than burst plus rate times time, whatever the pattern, even when time stands or goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 200 }), { maxLength: 400 }), (steps) => {
        const bucket = fullBucket(RULE, 0)
        let now = 0
        let latest = 0
        let taken = 0
        for (const step of steps) {
          now += step
          latest = Math.max(latest, now)
          if (takeToken(bucket, RULE, now)) taken += 1
        }
        assert.ok(taken <= RULE.burst + (latest * RULE.perSecond) / 1000 + 1e-6)
      }),
    )
  })
})
