import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { userRef } from '../../../../storage/rows/keys.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { everythingIn, storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

describe('the history of queries', () => {
  const folder = storeFolder()
  let number = 0
  let home = ''
  let data: UserData

  beforeEach(async () => {
    number += 1
    home = join(folder.path, String(number))
    data = userDataIn(home)
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('charges a query once, however often it is recorded', async () => {
    await data.user('a')
    const query = finishedQuery('q', { peer: 'p', cost: 0.25 })
    const recorded = await Promise.all(Array.from({ length: 10 }, () => data.recordQuery('a', query)))
    assert.equal(recorded.filter(Boolean).length, 1)
    await data.stop()
    await data.start()
    assert.equal(await data.recordQuery('a', query), false)
    const account = await data.user('a')
    assert.deepEqual([account.queryCount, account.totalCostMicros, account.balanceMicros], [1, 250_000, -250_000])
  })

  it('lists queries newest first, page by page', async () => {
    await data.user('a')
    for (let n = 0; n < 7; n += 1) await data.recordQuery('a', finishedQuery(`q${n}`, { startedAt: 1e12 + n }))
    const first = await data.queries('a', { limit: 3 })
    assert.deepEqual(
      first.map(({ id }) => id),
      ['q6', 'q5', 'q4'],
    )
    const second = await data.queries('a', { limit: 3, before: first[2]?.startedAt ?? 0 })
    assert.deepEqual(
      second.map(({ id }) => id),
      ['q3', 'q2', 'q1'],
    )
  })

  it('commits what waits for a reader of their own queries, and makes no other reader wait for it', async () => {
    await data.stop()
    data = userDataIn(home, { accountingPatienceMs: 600_000 })
    await data.start()
    await data.user('a')
    await data.user('b')
    const commits = (): number => data.shards.status().reduce((sum, shard) => sum + shard.commits, 0)
    const before = commits()
    const waiting = data.recordQuery('a', finishedQuery('q'))
    assert.deepEqual(await data.queries('b'), [])
    assert.equal(commits(), before)
    assert.equal((await data.queries('a')).length, 1)
    assert.equal(await waiting, true)
    assert.equal(commits(), before + 1)
  })

  it('keeps prompts only of users who keep history', async () => {
    await data.user('a')
    await data.users.update('a', { history: false })
    await data.recordQuery('a', finishedQuery('q', { prompt: 'a canary in the coal mine' }))
    assert.equal((await data.queries('a', { texts: true }))[0]?.prompt, undefined)
    await data.stop()
    assert.ok(!everythingIn(home).includes('canary'))
  })

  it('encrypts prompts and answers when it is given a key, and only they need it', async () => {
    await data.stop()
    const key = randomBytes(32)
    data = userDataIn(home, {}, { cipher: textCipher(key) })
    await data.start()
    await data.user('a')
    await data.recordQuery('a', finishedQuery('q', { prompt: 'a canary', answer: 'sings' }))
    assert.equal((await data.queries('a', { texts: true }))[0]?.answer, 'sings')
    await data.stop()
    assert.ok(!everythingIn(home).includes('canary'))
    data = userDataIn(home, {}, { cipher: textCipher(randomBytes(32)) })
    await data.start()
    assert.equal((await data.queries('a')).length, 1)
    await assert.rejects(data.queries('a', { texts: true }), { code: 'STORAGE_DAMAGED' })
  })

  it('comes page by page with all texts, short ones and long ones, however many began at once', async () => {
    await data.user('a')
    const answers = Array.from({ length: 7 }, (_, n) => 'x'.repeat(n === 3 ? 20_000 : n))
    await Promise.all(answers.map((answer, n) => data.recordQuery('a', finishedQuery(`q${n}`, { answer }))))
    const seen = []
    for await (const page of data.history.all(userRef('a'), 2)) seen.push(...page)
    assert.deepEqual(new Set(seen.map(({ id }) => id)).size, 7)
    for (const { id, answer } of seen) assert.equal(answer, answers[Number(id.slice(1))])
  })
})
