import assert from 'node:assert/strict'
import { UserBans } from '../../../../storage/index/user-bans.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

describe('bans', () => {
  it('are found again by the next to open the index, until they are lifted', async () => {
    const shard = await memoryShard()
    const bans = new UserBans({ shard })
    assert.equal(await bans.set('u1', true), true)
    assert.equal(await bans.set('u1', true), false)
    assert.equal(await bans.set('u2', true), true)
    assert.equal(await bans.set('u2', false), true)
    const again = new UserBans({ shard })
    assert.equal(again.has('u1'), false)
    await again.load()
    assert.deepEqual([again.has('u1'), again.has('u2')], [true, false])
  })

  it('are not in force before they are safe, nor lifted before that is', async () => {
    const shard = await memoryShard()
    const bans = new UserBans({ shard })
    shard.refuseWrites(new Error('full') as never)
    await assert.rejects(bans.set('u1', true))
    assert.equal(bans.has('u1'), false)
  })
})
