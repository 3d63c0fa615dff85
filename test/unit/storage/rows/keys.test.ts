import assert from 'node:assert/strict'
import {
  accountKey,
  creditKey,
  isAccountKey,
  keyTime,
  newestFirst,
  queryKeys,
  queryPrefix,
  userOfKey,
  userPrefix,
  userRef,
} from '../../../../storage/rows/keys.ts'

describe('keys of rows', () => {
  const { key: user } = userRef('a user')

  it('lie together for one user, and tell whose they are', () => {
    for (const key of [creditKey(user, 'x'), ...Object.values(queryKeys(user, 5, 'q'))]) {
      assert.ok(key.startsWith(userPrefix(user)))
      assert.equal(userOfKey(key), user)
    }
    for (const other of ['!head', 'y', 'n/abc', 'u/', 'u/x']) assert.equal(userOfKey(other), undefined)
  })

  it('tell an account from other rows', () => {
    const { account, query, texts, chosenId } = queryKeys(user, 5, 'q')
    assert.equal(account, accountKey(user))
    assert.deepEqual([account, query, texts, chosenId, creditKey(user, 'a')].map(isAccountKey), [
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('sort queries newest first, within the prefix of queries', () => {
    const times = [0, 1, 999, 1e12, 1.7e12, 9e14, 1e15, Number.MAX_SAFE_INTEGER]
    const keys = times.map((at) => queryKeys(user, at, 'q').query)
    assert.deepEqual(
      keys
        .toSorted()
        .reverse()
        .map((key) => keys.indexOf(key))
        .slice(0, 6),
      [0, 1, 2, 3, 4, 5],
    )
    for (const key of keys) assert.ok(key.startsWith(queryPrefix(user)))
  })

  it('tell times by whole milliseconds: what differs less has the same key', () => {
    assert.equal(newestFirst(5.9), newestFirst(5))
    assert.deepEqual([keyTime(-3), keyTime(5.9), keyTime(1e20)], [0, 5, 999_999_999_999_999])
  })

  it('are the same for a user whenever asked, long GUIDs included', () => {
    for (const guid of ['a', 'x'.repeat(129), 'x'.repeat(4_096)]) assert.deepEqual(userRef(guid), userRef(guid))
    assert.notEqual(userRef('x'.repeat(129)).key, userRef('x'.repeat(130)).key)
  })
})
