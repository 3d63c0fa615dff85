import assert from 'node:assert/strict'
import { ByteBudget } from '../../../../../protocols/query/serving/byte-budget.ts'

describe('ByteBudget', () => {
  it('gives one owner half at most, and the rest to others', () => {
    const budget = new ByteBudget({ bytes: 100 })
    assert.equal(budget.reserve(50, 'greedy'), true)
    assert.equal(budget.reserve(1, 'greedy'), false)
    assert.equal(budget.reserve(50, 'other'), true)
    assert.equal(budget.reserve(1, 'third'), false)
  })

  it('gives again what was given back', () => {
    const budget = new ByteBudget({ bytes: 100 })
    assert.equal(budget.reserve(30, 'a') && budget.reserve(20, 'a'), true)
    budget.release(30, 'a')
    assert.equal(budget.reserve(31, 'a'), false)
    assert.equal(budget.reserve(30, 'a'), true)
  })
})
