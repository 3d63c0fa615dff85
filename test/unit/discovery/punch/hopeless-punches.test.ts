import assert from 'node:assert/strict'
import { HopelessPunches } from '../../../../discovery/punch/hopeless-punches.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const MINUTE = 60_000

describe('hopeless punches', () => {
  const clock = new ManualClock()
  let network = 'home'
  const punches = (): HopelessPunches => new HopelessPunches({ clock, network: () => network }, { rng: () => 0.5 })

  beforeEach(() => {
    network = 'home'
  })

  it('are not tried again for a minute, then for longer and longer, up to six hours', () => {
    const hopeless = punches()
    const waits = Array.from({ length: 12 }, () => hopeless.failed('a') / MINUTE)
    assert.deepEqual(waits.slice(0, 4), [1, 2, 4, 8])
    assert.equal(waits.at(-1), 6 * 60)
    assert.equal(hopeless.waitMs('a'), 6 * 60 * MINUTE)
    clock.advance(6 * 60 * MINUTE)
    assert.equal(hopeless.waitMs('a'), 0)
  })

  it('say nothing of other peers, nor of another network; back in the old one it is still known', () => {
    const hopeless = punches()
    hopeless.failed('a')
    assert.equal(hopeless.waitMs('b'), 0)
    network = 'café'
    assert.equal(hopeless.waitMs('a'), 0)
    network = 'home'
    assert.equal(hopeless.waitMs('a'), MINUTE)
  })

  it('are forgotten once one succeeds', () => {
    const hopeless = punches()
    hopeless.failed('a')
    hopeless.forget('a')
    assert.equal(hopeless.waitMs('a'), 0)
    assert.equal(hopeless.failed('a'), MINUTE)
  })
})
