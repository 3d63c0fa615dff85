import assert from 'node:assert/strict'
import { type Account, newAccount } from '../../../../storage/rows/account.ts'
import { accountKey, queryKeys, userRef } from '../../../../storage/rows/keys.ts'
import type { FinishedQuery } from '../../../../storage/rows/query-row.ts'
import { Shard } from '../../../../storage/shard/shard.ts'
import { QueryCharge } from '../../../../storage/users/query-charge.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'
import { finishedQuery } from '../../../support/user-data.ts'

const USER = userRef('ann')

describe('the charge of a query', () => {
  let shard: Shard
  /** Keys that commits looked for. */
  const asked: string[] = []

  beforeEach(async () => {
    asked.length = 0
    const store = memoryShardStore()
    await store.open()
    const getMany = store.getMany.bind(store)
    store.getMany = (keys) => {
      asked.push(...keys)
      return getMany(keys)
    }
    shard = new Shard({ store }, { name: 'test', epoch: '00'.repeat(8), windowMs: 1 })
    await shard.start()
    const account = newAccount({ guid: 'ann', nickname: 'Ann', sysop: false, createdAt: 0, history: true })
    await shard.transact({ reads: [], apply: (view) => view.write(accountKey(USER.key), account) })
  })

  afterEach(async () => {
    await shard.stop()
  })

  const charge = (query: FinishedQuery): Promise<boolean> =>
    shard.transact(new QueryCharge(USER, query, { cipher: undefined, patienceMs: 1 }))
  const account = async (): Promise<Account | undefined> => await shard.get<Account>(accountKey(USER.key))

  it('is one row beside the account, texts included', async () => {
    const { records } = shard.head
    assert.equal(await charge(finishedQuery('q', { prompt: 'hi', answer: 'x'.repeat(5_000) })), true)
    assert.equal(shard.head.records, records + 1)
  })

  it('looks for its own row only when the user’s latest query does not rule it out', async () => {
    await charge(finishedQuery('a', { startedAt: 1e12 }))
    asked.length = 0
    await charge(finishedQuery('b', { startedAt: 1e12 + 1 }))
    assert.deepEqual(asked, [accountKey(USER.key)])
    await charge(finishedQuery('c', { startedAt: 1e12 + 1 }))
    assert.deepEqual(asked.slice(1), [accountKey(USER.key), queryKeys(USER.key, 1e12 + 1, 'c').query])
  })

  it('takes a second row for texts that would make lists of queries slow', async () => {
    const { records } = shard.head
    await charge(finishedQuery('q', { prompt: 'hi', answer: 'x'.repeat(10_000) }))
    assert.equal(shard.head.records, records + 2)
    const { query, texts } = queryKeys(USER.key, finishedQuery('q').startedAt, 'q')
    assert.equal((await shard.get<{ texts?: unknown }>(query))?.texts, undefined)
    assert.equal((await shard.get<{ answer: string }>(texts))?.answer.length, 10_000)
  })

  it('is made once for a query, in one commit or in two', async () => {
    const query = finishedQuery('q', { cost: 0.25 })
    assert.deepEqual(await Promise.all([charge(query), charge(query)]), [true, false])
    assert.equal(await charge(query), false)
    assert.equal((await account())?.totalCostMicros, 250_000)
  })

  it('is made once also for a query that began before others that were charged', async () => {
    const late = finishedQuery('late', { startedAt: 1e12 + 5 })
    const early = finishedQuery('early', { startedAt: 1e12 })
    assert.equal(await charge(late), true)
    assert.deepEqual(await Promise.all([charge(early), charge(early)]), [true, false])
    assert.equal(await charge({ ...early }), false)
    assert.equal(await charge({ ...late, startedAt: late.startedAt + 0.5 }), false)
    assert.equal((await account())?.queryCount, 2)
    assert.equal(shard.head.records, 3)
  })

  it('is made once for an id that the client chose, however late the client asks again', async () => {
    const first = finishedQuery('q', { idChosen: true })
    const again = { ...first, startedAt: first.startedAt + 3_600_000 }
    assert.equal(await charge(first), true)
    assert.equal(await charge(again), false)
    assert.deepEqual(await Promise.all([charge({ ...again, id: 'r' }), charge({ ...first, id: 'r' })]), [true, false])
    assert.equal((await account())?.queryCount, 2)
  })

  it('leaves a chosen id to the attempt that is served', async () => {
    const failed = finishedQuery('q', { idChosen: true, outcome: 'NO_WORKER', cost: 0 })
    assert.equal(await charge(failed), true)
    assert.equal(await charge(finishedQuery('q', { idChosen: true, startedAt: failed.startedAt + 1 })), true)
    assert.equal(await charge(finishedQuery('q', { idChosen: true, startedAt: failed.startedAt + 2 })), false)
    assert.equal((await account())?.totalCostMicros, 11_000)
  })

  it('is refused for an unknown user, and leaves nothing', async () => {
    const { records } = shard.head
    const stranger = new QueryCharge(userRef('bob'), finishedQuery('q'), { cipher: undefined, patienceMs: 1 })
    await assert.rejects(shard.transact(stranger), { code: 'USER_NOT_FOUND' })
    assert.equal(shard.head.records, records)
  })
})
