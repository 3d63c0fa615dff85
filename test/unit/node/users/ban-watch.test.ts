import assert from 'node:assert/strict'
import { BAN_LOOK_MS, BanWatch, MAX_WATCHED_USERS } from '../../../../node/users/ban-watch.ts'
import { type RunningEntry, RunningQueries } from '../../../../node/users/running-queries.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

describe('BanWatch', () => {
  let clock: ManualClock
  let running: RunningQueries
  let looked: string[]
  let watch: BanWatch

  beforeEach(() => {
    clock = new ManualClock()
    running = new RunningQueries()
    looked = []
    const data = { isShared: (user: string) => user !== 'local' }
    const look = async (user: string): Promise<void> => {
      looked.push(user)
      if (user === 'unreadable') throw new Error('the store is gone')
    }
    watch = new BanWatch({ data, running, clock, look })
  })

  /** What one round looked at. */
  const round = async (): Promise<readonly string[]> => {
    looked = []
    clock.advance(BAN_LOOK_MS)
    await new Promise((resolve) => setImmediate(resolve))
    return looked
  }

  it('looks once at each user of a shared store who asked, and then at nobody', async () => {
    for (const user of ['unreadable', 'ann', 'local', 'ann']) watch.saw(user)
    assert.deepEqual(looked, [])
    assert.deepEqual(await round(), ['unreadable', 'ann'])
    assert.equal(clock.pending, 0)
    watch.saw('ann')
    assert.deepEqual(await round(), ['ann'])
  })

  it('looks again at those for whom something runs', async () => {
    const entry: RunningEntry = { query: chatQuery({ user: 'ann' }), since: 1, servedBy: undefined, end: () => {} }
    running.add(entry)
    watch.saw('ann')
    assert.deepEqual(await round(), ['ann'])
    assert.deepEqual(await round(), ['ann'])
    running.remove(entry)
    assert.deepEqual(await round(), ['ann'])
    assert.deepEqual(await round(), [])
  })

  it('looks at a bounded number, and at nobody once it has stopped', async () => {
    for (let n = 0; n <= MAX_WATCHED_USERS; n += 1) watch.saw(`u${n}`)
    assert.equal((await round()).length, MAX_WATCHED_USERS)
    watch.saw('ann')
    await watch.stop()
    watch.saw('bob')
    assert.equal(clock.pending, 0)
  })
})
