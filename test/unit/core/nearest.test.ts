import assert from 'node:assert/strict'
import { nearest } from '../../../core/nearest.ts'

describe('the nearest word', () => {
  it('is found over case, dashes, and a third of wrong letters, but not further', () => {
    assert.equal(nearest('maxWorkers', ['min_workers', 'max_workers']), 'max_workers')
    assert.equal(nearest('stratgy', ['strategy', 'queue']), 'strategy')
    assert.equal(nearest('colour', ['strategy', 'queue']), undefined)
    assert.equal(nearest('nope', ['scope', 'share']), undefined)
    assert.equal(nearest('tniy', ['tiny', 'large']), 'tiny')
    assert.equal(nearest('x', []), undefined)
  })
})
