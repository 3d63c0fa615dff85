import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { UserData } from '../../../../storage/user-data.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

const DAY_MS = 24 * 3_600_000

describe('retention', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let data: UserData

  const open = async (retention: { maxAgeMs?: number; maxQueries?: number }): Promise<void> => {
    number += 1
    data = userDataIn(join(folder.path, String(number)), { retention }, { clock })
    await data.start()
    await data.user('a')
  }

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  const records = (): number => data.shards.status().reduce((sum, shard) => sum + shard.records, 0)

  it('takes all rows of a query with it, and leaves the totals', async () => {
    await open({ maxAgeMs: DAY_MS })
    const before = records()
    const old = { startedAt: clock.wall() - 2 * DAY_MS, answer: 'x'.repeat(20_000), idChosen: true }
    await data.recordQuery('a', finishedQuery('old', old))
    assert.equal(records(), before + 3)
    assert.equal(await data.retention.run(), 1)
    assert.equal(records(), before)
    assert.equal((await data.user('a')).queryCount, 1)
  })

  it('keeps the newest when there are too many', async () => {
    await open({ maxQueries: 3 })
    for (let n = 0; n < 5; n += 1) await data.recordQuery('a', finishedQuery(`q${n}`, { startedAt: 1e12 + n }))
    assert.equal(await data.retention.run(), 2)
    assert.equal(await data.retention.run(), 0)
    assert.deepEqual(
      (await data.queries('a')).map(({ id }) => id),
      ['q4', 'q3', 'q2'],
    )
  })

  it('charges an id again only when the query that had it is no longer kept', async () => {
    await open({ maxAgeMs: DAY_MS })
    const chosen = finishedQuery('q', { startedAt: clock.wall(), idChosen: true })
    await data.recordQuery('a', chosen)
    await data.retention.run()
    assert.equal(await data.recordQuery('a', { ...chosen, startedAt: clock.wall() + 1 }), false)
    clock.advance(2 * DAY_MS)
    await data.retention.run()
    assert.equal(await data.recordQuery('a', { ...chosen, startedAt: clock.wall() }), true)
  })

  it('stops between two users when it is told to', async () => {
    await open({ maxQueries: 1 })
    assert.equal(await data.retention.run(AbortSignal.abort()), 0)
  })
})
