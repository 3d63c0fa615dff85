import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { userRef } from '../../../storage/rows/keys.ts'
import type { UserData } from '../../../storage/user-data.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { skip } from '../../support/skip.ts'
import { storeFolder } from '../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../support/user-data.ts'

describe('user data', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let home = ''
  let data: UserData

  beforeEach(async () => {
    number += 1
    home = join(folder.path, String(number))
    data = userDataIn(home, { retention: { maxAgeMs: 1_000, maxQueries: 5 } }, { clock })
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('removes queries that are too old or too many, and keeps the totals', async () => {
    await data.user('a')
    for (let n = 0; n < 9; n += 1) {
      await data.recordQuery('a', finishedQuery(`q${n}`, { startedAt: clock.wall() - (n < 2 ? 5_000 : 0) + n }))
    }
    assert.equal(await data.retention.run(), 4)
    assert.deepEqual(
      (await data.queries('a')).map(({ id }) => id),
      ['q8', 'q7', 'q6', 'q5', 'q4'],
    )
    assert.equal((await data.user('a')).queryCount, 9)
  })

  it('says whose process holds the home', async () => {
    const second = userDataIn(home)
    await assert.rejects(second.start(), (error: Error) => {
      assert.match(error.message, new RegExp(`pid ${process.pid}`))
      return 'code' in error && error.code === 'STORAGE_LOCKED'
    })
  })

  it('moves one user for good', async () => {
    await data.user('a', 'ada')
    await data.recordQuery('a', finishedQuery('q'))
    const [to] = data.shards
      .status()
      .map(({ name }) => name)
      .filter((name) => name !== data.shards.placeOf(userRef('a')))
    assert.ok(to)
    await data.shards.move(userRef('a'), to)
    await data.stop()
    await data.start()
    await data.shards.rebalance()
    await data.shards.settled()
    assert.equal(data.shards.placeOf(userRef('a')), to)
    assert.equal((await data.queries('a')).length, 1)
  })

  it('keeps its files to itself', async function () {
    if (process.platform === 'win32') skip(this, 'Windows has no file modes')
    await data.stop()
    for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
      const { mode } = statSync(join(entry.parentPath, entry.name))
      if (entry.isDirectory() && entry.name !== 'db') assert.equal(mode & 0o077, 0, entry.name)
    }
  })
})
