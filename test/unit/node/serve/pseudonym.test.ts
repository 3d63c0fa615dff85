import assert from 'node:assert/strict'
import { pseudonyms } from '../../../../node/serve/pseudonym.ts'

const KEY = new Uint8Array(32).fill(7)

describe('the pseudonym of a user', () => {
  it('is the same each time, another for each user, and tells nothing of the user', () => {
    const name = pseudonyms(KEY, 'main')
    assert.equal(name('alice'), name('alice'))
    assert.notEqual(name('alice'), name('bob'))
    assert.match(name('alice'), /^[A-Za-z0-9_-]{16}$/)
    assert.equal(pseudonyms(KEY, 'main')('alice'), name('alice'), 'after a restart too')
  })

  it('means nothing in another network, and nothing without the node’s key', () => {
    const other = new Uint8Array(32).fill(8)
    const names = [pseudonyms(KEY, 'main'), pseudonyms(KEY, 'lab'), pseudonyms(other, 'main')].map((name) =>
      name('alice'),
    )
    assert.equal(new Set(names).size, 3)
  })
})
