import assert from 'node:assert/strict'
import { ANNOUNCED_RULE, MAX_ANNOUNCED, Neighbours, REPEATED_MS } from '../../../../discovery/contact/neighbours.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('neighbours', () => {
  it('are heard once in a while each', () => {
    const clock = new ManualClock()
    const neighbours = new Neighbours({ clock })
    assert.ok(neighbours.hears('rig'))
    assert.ok(!neighbours.hears('rig'))
    assert.ok(neighbours.hears('other'))
    clock.advance(REPEATED_MS)
    assert.ok(neighbours.hears('rig'))
  })

  it('that nobody ever heard of are few, and keep none out that is known', () => {
    const clock = new ManualClock()
    const neighbours = new Neighbours({ clock })
    assert.ok(neighbours.hears('rig'))
    let heard = 0
    for (let i = 0; i < MAX_ANNOUNCED; i += 1) heard += neighbours.hears(`invented ${i}`) ? 1 : 0
    assert.equal(heard, ANNOUNCED_RULE.burst - 1)
    clock.advance(REPEATED_MS)
    assert.ok(neighbours.hears('rig'))
    assert.ok(neighbours.hears('a new one, later'))
  })
})
