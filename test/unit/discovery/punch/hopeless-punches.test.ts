import assert from 'node:assert/strict'
import { HopelessPunches } from '../../../../discovery/punch/hopeless-punches.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const SECOND = 1_000
const FIRST = 10 * SECOND
const LAST = 6 * 3_600 * SECOND

describe('hopeless punches', () => {
  const clock = new ManualClock()
  let network = 'home'
  const punches = (): HopelessPunches => new HopelessPunches({ clock, network: () => network }, { rng: () => 0.5 })

  beforeEach(() => {
    network = 'home'
  })

  it('are not tried again for ten seconds, then for longer and longer, up to six hours', () => {
    const hopeless = punches()
    const waits = Array.from({ length: 13 }, () => hopeless.failed('a') / SECOND)
    assert.deepEqual(waits.slice(0, 4), [10, 20, 40, 80])
    assert.equal(waits.at(-1), LAST / SECOND)
    assert.equal(hopeless.waitMs('a'), LAST)
    clock.advance(LAST)
    assert.equal(hopeless.waitMs('a'), 0)
  })

  it('say nothing of other peers, nor of another network; back in the old one it is still known', () => {
    const hopeless = punches()
    hopeless.failed('a')
    assert.equal(hopeless.waitMs('b'), 0)
    network = 'café'
    assert.equal(hopeless.waitMs('a'), 0)
    network = 'home'
    assert.equal(hopeless.waitMs('a'), FIRST)
  })

  it('are forgotten once one succeeds', () => {
    const hopeless = punches()
    hopeless.failed('a')
    hopeless.forget('a')
    assert.equal(hopeless.waitMs('a'), 0)
    assert.equal(hopeless.failed('a'), FIRST)
  })
})
