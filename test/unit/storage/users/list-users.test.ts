import assert from 'node:assert/strict'
import { newAccount } from '../../../../storage/rows/account.ts'
import { listUsers } from '../../../../storage/users/list-users.ts'

/** A store of `count` users; each one's last query is a second later than that of the one before. */
function store(count: number): Parameters<typeof listUsers>[0] {
  return {
    async *all() {
      for (let i = 0; i < count; i += 1) {
        const made = newAccount({ guid: `g${i}`, nickname: `n${i}`, sysop: false, createdAt: 1, history: false })
        yield { ...made, lastQueryAt: 1_000 * i }
      }
    },
  }
}

describe('listUsers', () => {
  it('puts those who asked last first', async () => {
    const { users, total } = await listUsers(store(3))
    assert.deepEqual([users.map(({ guid }) => guid), total], [['g2', 'g1', 'g0'], 3])
  })

  it('holds the latest where there are more than it may list, and counts all', async () => {
    const { users, total } = await listUsers(store(11), 2)
    assert.deepEqual([users.map(({ guid }) => guid), total], [['g10', 'g9'], 11])
  })

  it('gives nothing of the settings away', async () => {
    const { users } = await listUsers(store(1))
    assert.deepEqual(Object.keys(users[0] ?? {}).sort(), [
      'banned',
      'completionTokens',
      'createdAt',
      'guid',
      'history',
      'lastQueryAt',
      'nickname',
      'promptTokens',
      'queryCount',
      'servedCount',
      'sysop',
      'totalCost',
      'totalTimeMs',
    ])
  })
})
