import assert from 'node:assert/strict'
import { UserPlaces } from '../../../../storage/index/user-places.ts'
import type { Shard } from '../../../../storage/shard/shard.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

const move = { from: 'a', to: 'b', switched: false }

describe('places of users', () => {
  let shard: Shard
  let places: UserPlaces

  beforeEach(async () => {
    shard = await memoryShard()
    places = new UserPlaces({ shard })
    await places.load()
  })

  const loadedAnew = async (): Promise<UserPlaces> => {
    const again = new UserPlaces({ shard })
    await again.load()
    return again
  }

  it('are known again after a restart', async () => {
    for (let n = 0; n < 1_200; n += 1) places.note(`x${n}`, undefined)
    await places.place('u', { shard: 'b', pinned: true })
    assert.deepEqual([...(await loadedAnew()).overrides()], [['u', { shard: 'b', pinned: true }]])
  })

  it('change with the switch of a move, in one commit', async () => {
    const moves = new Map([
      ['u', move],
      ['v', move],
    ])
    await places.beginMoves(moves)
    assert.deepEqual(await places.moving(['u', 'w', 'v']), ['u', 'v'])
    assert.equal(places.override('u'), undefined)
    const { seq } = shard.head
    await places.switchUsers(moves, false)
    assert.equal(shard.head.seq, seq + 1)
    assert.deepEqual(places.override('v'), { shard: 'b', pinned: false })
    assert.equal((await places.moves()).get('u')?.switched, true)
    await places.endMoves(['u', 'v'])
    assert.equal((await places.moves()).size, 0)
  })

  it('go by the store after a write whose outcome was unknown', async () => {
    await places.place('u', { shard: 'b', pinned: false })
    const other = await loadedAnew()
    await other.drop(['u'])
    await other.place('v', { shard: 'c', pinned: false })
    await places.reload(['u', 'v'])
    assert.deepEqual([...places.overrides().keys()], ['v'])
  })
})
