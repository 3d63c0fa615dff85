import assert from 'node:assert/strict'
import { Ticker } from '../../../../protocols/query/ticker.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('Ticker', () => {
  it('calls at the interval while it runs, and leaves no timer when it rests', () => {
    const clock = new ManualClock()
    const late: number[] = []
    const ticker = new Ticker({ clock, task: (lateMs) => late.push(lateMs) }, { everyMs: 100 })
    clock.advance(500)
    assert.deepEqual(late, [])
    ticker.run()
    ticker.run()
    clock.advance(350)
    assert.deepEqual(late, [0, 0, 0])
    ticker.rest()
    ticker.rest()
    clock.advance(500)
    assert.equal(late.length, 3)
    assert.equal(clock.pending, 0)
  })

  it('tells by how much the process was late', () => {
    let now = 0
    let due = (): void => {}
    const late: number[] = []
    const clock = {
      wall: () => now,
      monotonic: () => now,
      after: (_: number, task: () => void) => {
        due = task
        return () => {}
      },
    }
    new Ticker({ clock, task: (lateMs) => late.push(lateMs) }, { everyMs: 100 }).run()
    now = 130
    due()
    now = 230
    due()
    assert.deepEqual(late, [30, 0])
  })

  it('may be put to rest by its own task', () => {
    const clock = new ManualClock()
    const ticker: Ticker = new Ticker({ clock, task: () => ticker.rest() }, { everyMs: 100 })
    ticker.run()
    clock.advance(1_000)
    assert.equal(clock.pending, 0)
  })
})
