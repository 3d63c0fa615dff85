import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { Allowance, MAX_DEBT_MINUTES } from '../../../../gateway/allowance/allowance.ts'
import { Allowances } from '../../../../gateway/allowance/allowances.ts'
import { dayOf, type KeyLimits, TOKEN_DAY_MS } from '../../../../gateway/allowance/key-limits.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('what a key may use', () => {
  let clock: ManualClock
  beforeEach(() => {
    clock = new ManualClock(10 * TOKEN_DAY_MS + 1_000)
  })
  const allowance = (limits: KeyLimits): Allowance => new Allowance({ clock }, limits)

  function refusalOf(act: () => void): RealmeshError {
    try {
      act()
    } catch (error) {
      assert.ok(error instanceof RealmeshError)
      assert.equal(error.code, 'KEY_LIMIT')
      return error
    }
    assert.fail('it was let pass')
  }

  it('is so many requests per minute, which come back one by one', () => {
    const key = allowance({ requestsPerMinute: 2 })
    key.request()
    key.request()
    const { message, retryAfterMs, retryable } = refusalOf(() => key.request())
    assert.deepEqual(
      [message, retryAfterMs, retryable],
      ['this API key is limited to 2 requests per minute', 30_000, true],
    )
    clock.advance(29_000)
    refusalOf(() => key.request())
    clock.advance(1_000)
    key.request()
    refusalOf(() => key.request())
  })

  it('is so many queries at once', () => {
    const key = allowance({ concurrent: 1 })
    key.begin()
    assert.match(refusalOf(() => key.begin()).message, /1 queries at once/)
    key.end()
    key.begin()
  })

  it('is so many tokens per minute: a long answer makes a debt, not longer than an hour of it', () => {
    const key = allowance({ tokensPerMinute: 600 })
    key.begin()
    key.use(660)
    assert.equal(refusalOf(() => key.assertMayBegin()).retryAfterMs, 6_100)
    clock.advance(6_100)
    key.assertMayBegin()
    key.use(10 ** 9)
    const { retryAfterMs, retryable } = refusalOf(() => key.assertMayBegin())
    assert.deepEqual([retryAfterMs, retryable], [MAX_DEBT_MINUTES * 60_000 + 100, false])
  })

  it('is so many tokens per day, until midnight UTC', () => {
    const key = allowance({ tokensPerDay: 100 })
    key.use(100)
    assert.equal(refusalOf(() => key.assertMayBegin()).retryAfterMs, TOKEN_DAY_MS - 1_000)
    clock.advance(TOKEN_DAY_MS - 1_000)
    key.assertMayBegin()
    assert.equal(key.usage.tokensToday, 0)
  })

  it('gives back what an estimate took too much', () => {
    const key = allowance({ tokensPerMinute: 100, tokensPerDay: 1_000 })
    key.use(90)
    key.use(-80)
    assert.deepEqual([key.tokens?.remaining, key.tokensToday], [90, 10])
  })

  it('is told by the limit of tokens of which less is left', () => {
    const key = allowance({ requestsPerMinute: 10, tokensPerMinute: 100, tokensPerDay: 150 })
    assert.deepEqual(key.requests, { limit: 10, remaining: 10, resetMs: 0 })
    assert.equal(key.tokens?.limit, 100)
    key.use(100)
    clock.advance(60_000)
    assert.deepEqual([key.tokens?.limit, key.tokens?.remaining], [150, 50])
  })

  it('changes while it runs: what was used stays used', () => {
    const key = allowance({ requestsPerMinute: 2, concurrent: 1 })
    key.request()
    key.request()
    key.begin()
    key.change({ requestsPerMinute: 3, concurrent: 1, tokensPerDay: 5 })
    key.request()
    refusalOf(() => key.request())
    refusalOf(() => key.begin())
    key.change({})
    key.request()
    key.begin()
  })
})

describe('the allowances of all keys', () => {
  const clock = new ManualClock(10 * TOKEN_DAY_MS)
  const today = dayOf(clock.wall())

  it('go on where they were before a restart, on the same day only', () => {
    const users = [{ user: 'key-a', limits: { tokensPerDay: 100 } }]
    const same = new Allowances({ clock }, { day: today, tokens: { 'key-a': 60, 'key-gone': 5 } })
    same.replace(users)
    assert.deepEqual(same.today(), { day: today, tokens: { 'key-a': 60 } })
    const next = new Allowances({ clock }, { day: today - 1, tokens: { 'key-a': 60 } })
    next.replace(users)
    assert.deepEqual(next.today(), { day: today, tokens: {} })
  })

  it('are as many as there are keys with limits, and count on when keys are read again', () => {
    const all = new Allowances({ clock })
    all.replace([{ user: 'a', limits: { concurrent: 2 } }, { user: 'b', limits: { concurrent: 1 } }, { user: 'c' }])
    all.of('a')?.begin()
    all.replace([{ user: 'a', limits: { concurrent: 1 } }])
    assert.deepEqual(all.usage(), { a: { running: 1, tokensToday: 0 } })
    assert.equal(all.of('b'), undefined)
  })
})
