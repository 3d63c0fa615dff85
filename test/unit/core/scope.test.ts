import assert from 'node:assert/strict'
import { ASKERS, narrowerScope, scopeCovers, scopeReaches } from '../../../core/scope.ts'

describe('scopeReaches', () => {
  for (const [scope, reached] of [
    ['local', ['own']],
    ['home', ['own', 'home']],
    ['friends', ['own', 'home', 'friend']],
    ['public', ['own', 'home', 'friend', 'stranger']],
  ] as const) {
    it(`${scope} reaches ${reached.join(', ')}`, () => {
      assert.deepEqual(
        ASKERS.filter((asker) => scopeReaches(scope, asker)),
        reached,
      )
    })
  }
})

describe('scopes', () => {
  it('orders the four words', () => {
    assert.equal(scopeCovers('public', 'local'), true)
    assert.equal(scopeCovers('home', 'friends'), false)
    assert.equal(narrowerScope('public', 'home'), 'home')
  })
})
