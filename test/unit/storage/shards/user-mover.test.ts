import assert from 'node:assert/strict'
import { UserPlaces } from '../../../../storage/index/user-places.ts'
import { newAccount } from '../../../../storage/rows/account.ts'
import { accountKey, queryKeys, userRef } from '../../../../storage/rows/keys.ts'
import { putRows } from '../../../../storage/rows/user-rows.ts'
import type { Shard } from '../../../../storage/shard/shard.ts'
import { UserGate } from '../../../../storage/shards/user-gate.ts'
import { UserMover } from '../../../../storage/shards/user-mover.ts'
import { memoryShard } from '../../../support/memory-shard.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

const USERS = ['ann', 'bob', 'cid'].map(userRef)
/** Rows of each user: more than are copied in one commit. */
const QUERIES = 700

describe('a move of users', () => {
  let shards: Map<string, Shard>
  let index: Shard
  let places: UserPlaces
  let mover: UserMover
  /** Fails the next writes of the target. */
  let broken = false

  const moverOver = async (): Promise<UserMover> => {
    places = new UserPlaces({ shard: index })
    await places.load()
    return new UserMover({
      places,
      index,
      gate: new UserGate(),
      shard: (name) => shards.get(name),
      placeOf: ({ key }) => places.override(key)?.shard ?? 'a',
    })
  }

  beforeEach(async () => {
    broken = false
    const target = memoryShardStore()
    const write = target.write.bind(target)
    target.write = (...args) => (broken ? Promise.reject(new Error('the disk went away')) : write(...args))
    shards = new Map([
      ['a', await memoryShard()],
      ['b', await memoryShard(target)],
    ])
    index = await memoryShard()
    mover = await moverOver()
    for (const { guid, key } of USERS) {
      const account = newAccount({ guid, nickname: guid, sysop: false, createdAt: 0, history: true })
      const rows = Array.from({ length: QUERIES }, (_, n) => ({
        key: queryKeys(key, n, 'q').query,
        value: { n } as object,
      }))
      await putRows(shards.get('a') as Shard, [{ key: accountKey(key), value: account }, ...rows])
    }
  })

  const records = (name: string): number => shards.get(name)?.head.records ?? 0
  const each = QUERIES + 1

  it('takes all rows along, and leaves those that live elsewhere', async () => {
    assert.equal(await mover.move(USERS.slice(0, 2), 'a', 'b'), 2)
    assert.deepEqual([records('a'), records('b')], [each, 2 * each])
    assert.equal(await mover.move(USERS.slice(0, 2), 'a', 'b'), 0)
    assert.equal((await places.moves()).size, 0)
    assert.equal(await mover.move(USERS, 'b', 'b'), 0)
  })

  it('leaves the users where they were when the copy fails, and nothing behind', async () => {
    broken = true
    await assert.rejects(mover.move(USERS, 'a', 'b'))
    broken = false
    await shards.get('b')?.recover()
    await mover.heal()
    assert.deepEqual([records('a'), records('b'), (await places.moves()).size], [3 * each, 0, 0])
    assert.equal(await mover.move(USERS, 'a', 'b'), 3)
  })

  it('is undone by the next start when it was cut off before the switch, finished when behind it', async () => {
    const [ann, bob] = USERS
    assert.ok(ann && bob)
    const rows = [{ key: accountKey(ann.key), value: { half: true } }]
    await putRows(shards.get('b') as Shard, rows)
    await places.beginMoves(new Map([[ann.key, { from: 'a', to: 'b', switched: false }]]))
    await putRows(shards.get('b') as Shard, [{ key: accountKey(bob.key), value: { whole: true } }])
    await places.switchUsers(new Map([[bob.key, { from: 'a', to: 'b', switched: false }]]), false)
    mover = await moverOver()
    assert.equal(await mover.heal(), 2)
    assert.equal(await shards.get('b')?.get(accountKey(ann.key)), undefined)
    assert.equal(await shards.get('a')?.get(accountKey(bob.key)), undefined)
    assert.equal(places.override(bob.key)?.shard, 'b')
    assert.deepEqual([records('a'), records('b')], [2 * each, 1])
  })

  it('is not begun while what an earlier one left lies in a shard out of service', async () => {
    const [ann] = USERS
    assert.ok(ann)
    await places.beginMoves(new Map([[ann.key, { from: 'a', to: 'gone', switched: false }]]))
    await assert.rejects(mover.move([ann], 'a', 'b'), { code: 'STORAGE_DAMAGED' })
    await assert.rejects(mover.move([ann], 'a', 'gone'), { code: 'STORAGE_DAMAGED' })
    assert.equal(records('a'), 3 * each)
  })
})
