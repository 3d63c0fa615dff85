import assert from 'node:assert/strict'
import type { Relation } from '../../../../core/scope.ts'
import { MAX_CIRCUITS, MAX_CIRCUITS_PER_PEER, RelayBudget } from '../../../../discovery/reach/relay-budget.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const DAY_MS = 24 * 3_600_000

function setUp(relations: Readonly<Record<string, Relation>> = {}) {
  const clock = new ManualClock()
  const budget = new RelayBudget({ clock, relation: (peer) => relations[peer] ?? 'stranger' }, { mbPerDay: 1 })
  return { clock, budget }
}

describe('the budget of a relay', () => {
  const between = { from: 'caller', to: 'guest' }

  it('is so many bytes in a day, which come back evenly', () => {
    const { clock, budget } = setUp()
    assert.ok(budget.spend(between, 900_000))
    assert.ok(budget.admits(between))
    assert.ok(budget.spend(between, 50_000))
    assert.ok(!budget.admits(between), 'what is left is for those under way')
    assert.ok(!budget.spend(between, 60_000))
    clock.advance(DAY_MS / 2)
    assert.ok(budget.admits(between))
    assert.ok(budget.spend(between, 499_999))
    assert.ok(!budget.spend(between, 1))
    assert.equal(budget.figures.bytes, 1_510_000)
  })

  it('bounds how many connections there are, and how many one peer dials', () => {
    const { budget } = setUp()
    const ends = Array.from({ length: MAX_CIRCUITS_PER_PEER }, () => budget.begin(between))
    assert.ok(!budget.admits(between))
    assert.ok(budget.admits({ from: 'other', to: 'guest' }))
    for (let i = MAX_CIRCUITS_PER_PEER; i < MAX_CIRCUITS; i += 1) budget.begin({ from: `peer-${i}`, to: 'guest' })
    assert.ok(!budget.admits({ from: 'other', to: 'guest' }))
    assert.deepEqual([budget.countOf('guest'), budget.countOf('caller')], [MAX_CIRCUITS, MAX_CIRCUITS_PER_PEER])
    for (const end of ends) end()
    assert.ok(budget.admits(between))
    assert.equal(budget.figures.circuits, MAX_CIRCUITS - MAX_CIRCUITS_PER_PEER)
    assert.equal(budget.countOf('caller'), 0)
  })

  it('is none for own rigs', () => {
    const { budget } = setUp({ guest: 'home' })
    assert.ok(budget.spend(between, 5_000_000))
    assert.ok(budget.admits(between))
    assert.ok(budget.hasRoom())
  })
})
