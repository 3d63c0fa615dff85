import assert from 'node:assert/strict'
import { BackgroundBudget } from '../../../../node/operate/background-budget.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const HOUR_MS = 3_600_000

function setUp(mbPerDay: number) {
  const clock = new ManualClock(0)
  const state = { mbPerDay, kad: 0, gossip: 0 }
  const flows = () =>
    new Map([
      ['all', { sent: 1e12, received: 0 }],
      ['kad', { sent: state.kad, received: 0 }],
      ['gossip', { sent: 0, received: state.gossip }],
    ])
  return { clock, state, budget: new BackgroundBudget({ clock, traffic: { flows }, mbPerDay: () => state.mbPerDay }) }
}

describe('the budget of what is done in the background', () => {
  it('admits two hours of it at once, and then what has been earned since', () => {
    const { clock, state, budget } = setUp(240)
    assert.ok(budget.admits())
    state.kad = 10e6
    state.gossip = 9.9e6
    assert.ok(budget.admits())
    state.gossip = 10e6
    assert.ok(!budget.admits())
    clock.advance(HOUR_MS)
    assert.ok(budget.admits())
    state.kad = 21e6
    assert.ok(!budget.admits())
  })

  it('saves no more than that, follows the configuration, and lets a node of little budget join all the same', () => {
    const { clock, state, budget } = setUp(24)
    state.kad = 4.9e6
    assert.ok(budget.admits())
    clock.advance(1_000 * HOUR_MS)
    assert.ok(budget.admits())
    state.kad += 5e6
    assert.ok(!budget.admits())
    state.mbPerDay = 2_400
    clock.advance(HOUR_MS)
    assert.ok(budget.admits())
  })

  it('tells what was carried by part, queries and framing within the whole only', () => {
    const { state, budget } = setUp(100)
    state.kad = 9e6
    const { sent, parts, background } = budget.status()
    assert.equal(sent, 1e12)
    assert.deepEqual(parts, { kad: { sent: 9e6, received: 0 }, gossip: { sent: 0, received: 0 } })
    assert.deepEqual(background, { bytes: 9e6, mbPerDay: 100, spent: true })
  })
})
