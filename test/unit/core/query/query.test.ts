import assert from 'node:assert/strict'
import { userKey } from '../../../../core/query/query.ts'

describe('the key of what a user has under an id', () => {
  it('is that of no other user and id, whatever a user is called', () => {
    const pairs = [
      ['u', 'a'],
      ['u\na', ''],
      ['1:u', 'a'],
      ['u', '1:u\na'],
      ['', 'u\na'],
    ] as const
    assert.equal(new Set(pairs.map(([user, id]) => userKey(user, id))).size, pairs.length)
  })

  it('begins with that of the beginning of its id', () => {
    assert.ok(userKey('u', 'abc').startsWith(userKey('u', 'ab')))
  })
})
