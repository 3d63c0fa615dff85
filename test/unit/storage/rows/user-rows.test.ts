import assert from 'node:assert/strict'
import { newAccount } from '../../../../storage/rows/account.ts'
import { accountKey, queryKeys, userRef } from '../../../../storage/rows/keys.ts'
import { accountsOf, putRows, removeUsers, userRows } from '../../../../storage/rows/user-rows.ts'
import type { Shard } from '../../../../storage/shard/shard.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

/** More than one page of a user, and more than one page of users. */
const QUERIES = 1_100
const USERS = 150

describe('rows of users', () => {
  let shard: Shard

  beforeEach(async () => {
    shard = await memoryShard()
    const rows = Array.from({ length: USERS }, (_, n) => {
      const account = newAccount({ guid: `u${n}`, nickname: `${n}`, sysop: false, createdAt: 0, history: true })
      return { key: accountKey(userRef(`u${n}`).key), value: account as object }
    })
    for (let n = 0; n < QUERIES; n += 1) rows.push({ key: queryKeys(userRef('u7').key, n, 'q').query, value: { n } })
    await putRows(shard, rows)
  })

  it('come page by page, all of one user and none of another', async () => {
    let count = 0
    for await (const page of userRows(shard, userRef('u7').key)) count += page.length
    assert.equal(count, QUERIES + 1)
  })

  it('tell every account once, whatever else lies between', async () => {
    const seen: string[] = []
    for await (const { account } of accountsOf(shard)) seen.push(account.guid)
    assert.deepEqual(new Set(seen).size, USERS)
    assert.equal(seen.length, USERS)
  })

  it('are removed of some users, the account last', async () => {
    const removed = await removeUsers(shard, [userRef('u7').key, userRef('u8').key])
    assert.equal(removed, QUERIES + 2)
    assert.equal(shard.head.records, USERS - 2)
  })
})
