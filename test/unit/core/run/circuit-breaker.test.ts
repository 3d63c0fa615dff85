import assert from 'node:assert/strict'
import { CircuitBreaker } from '../../../../core/run/circuit-breaker.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('CircuitBreaker', () => {
  let clock: ManualClock
  let breaker: CircuitBreaker
  beforeEach(() => {
    clock = new ManualClock()
    breaker = new CircuitBreaker({ clock }, { failures: 3, pauseMs: 1_000, maxPauseMs: 3_000 })
  })
  const failTimes = (times: number): void => {
    for (let i = 0; i < times; i += 1) breaker.begin()(false)
  }

  it('opens at the third failure in a row', () => {
    failTimes(2)
    assert.equal(breaker.state, 'closed')
    failTimes(1)
    assert.equal(breaker.state, 'open')
    assert.equal(breaker.allows, false)
    assert.equal(breaker.waitMs, 1_000)
  })

  it('counts again after a success', () => {
    failTimes(2)
    breaker.begin()(true)
    failTimes(2)
    assert.equal(breaker.state, 'closed')
  })

  it('lets one query try after the pause and closes when it is served', () => {
    failTimes(3)
    clock.advance(1_000)
    assert.equal(breaker.state, 'half-open')
    const settle = breaker.begin()
    assert.equal(breaker.allows, false, 'a second one waits for the outcome of the first')
    settle(true)
    assert.equal(breaker.state, 'closed')
  })

  it('pauses twice as long after each failed trial, up to a limit', () => {
    failTimes(3)
    const pauses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      pauses.push(breaker.waitMs)
      clock.advance(breaker.waitMs)
      breaker.begin()(false)
    }
    assert.deepEqual(pauses, [1_000, 2_000, 3_000, 3_000])
  })

  it('learns nothing from a trial that was cancelled', () => {
    failTimes(3)
    clock.advance(1_000)
    breaker.begin()(undefined)
    assert.equal(breaker.state, 'half-open')
    assert.equal(breaker.allows, true)
  })

  it('takes queries that were under way when it opened as one failure, not as many', () => {
    const underWay = Array.from({ length: 6 }, () => breaker.begin())
    for (const settle of underWay) settle(false)
    assert.equal(breaker.waitMs, 1_000)
  })

  it('counts an outcome that is told twice once', () => {
    const settle = breaker.begin()
    for (let i = 0; i < 5; i += 1) settle(false)
    assert.equal(breaker.state, 'closed')
  })
})
