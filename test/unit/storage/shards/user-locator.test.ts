import assert from 'node:assert/strict'
import { UserPlaces } from '../../../../storage/index/user-places.ts'
import { userRef } from '../../../../storage/rows/keys.ts'
import { UserLocator } from '../../../../storage/shards/user-locator.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

describe('where a user lives', () => {
  it('is where the map says, unless the index says otherwise', async () => {
    const places = new UserPlaces({ shard: await memoryShard() })
    const locator = new UserLocator({ places }, { shardMap: { us: 'b' } })
    locator.follow({ current: ['a', 'b'] })
    const user = userRef('user')
    assert.equal(locator.placeOf(user), 'b')
    await places.place(user.key, { shard: 'a', pinned: true })
    assert.equal(locator.placeOf(user), 'a')
    assert.equal(locator.mapPlace(user), 'b')
  })

  it('changes with the plan, and for new users with its target already', async () => {
    const locator = new UserLocator({ places: new UserPlaces({ shard: await memoryShard() }) }, {})
    const user = userRef('user')
    locator.follow({ current: ['a'] })
    assert.equal(locator.placeOf(user), 'a')
    locator.follow({ current: ['a'], target: ['b'] })
    assert.deepEqual([locator.placeOf(user), locator.placeForNew(user)], ['a', 'b'])
    locator.follow({ current: ['b'] })
    assert.equal(locator.placeOf(user), 'b')
  })
})
