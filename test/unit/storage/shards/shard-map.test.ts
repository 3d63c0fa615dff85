import assert from 'node:assert/strict'
import { userRef } from '../../../../storage/rows/keys.ts'
import { rendezvous, shardOf } from '../../../../storage/shards/shard-map.ts'

const USERS = Array.from({ length: 20_000 }, (_, n) => userRef(`user ${n}`))
const place = (shards: readonly string[]): (string | undefined)[] => USERS.map(({ key }) => rendezvous(key, shards))

describe('the shard map', () => {
  it('spreads users evenly', () => {
    const places = place(['a', 'b', 'c', 'd'])
    for (const shard of ['a', 'b', 'c', 'd']) {
      const share = places.filter((one) => one === shard).length / USERS.length
      assert.ok(Math.abs(share - 0.25) < 0.02, `${shard} has ${share}`)
    }
  })

  it('moves 1/n of the users to an added shard, and no others', () => {
    const before = place(['a', 'b', 'c', 'd'])
    const after = place(['a', 'b', 'c', 'd', 'e'])
    const moved = after.filter((shard, index) => shard !== before[index])
    assert.ok(moved.every((shard) => shard === 'e'))
    assert.ok(Math.abs(moved.length / USERS.length - 0.2) < 0.02)
  })

  it('moves only the users of a removed shard, in whatever order the names come', () => {
    const before = place(['a', 'b', 'c', 'd'])
    const after = place(['d', 'c', 'a'])
    for (const [index, shard] of after.entries()) if (before[index] !== 'b') assert.equal(shard, before[index])
  })

  it('lets the longest prefix of the operator decide, unless its shard takes no users', () => {
    const map = {
      shards: ['a', 'b'],
      prefixes: new Map([
        ['u', 'a'],
        ['us', 'b'],
        ['user 7', 'gone'],
      ]),
    }
    assert.equal(shardOf(map, userRef('user 7')), 'b')
    assert.equal(shardOf(map, userRef('ulla')), 'a')
  })

  it('gives different keys to strings that differ in a lone surrogate only', () => {
    assert.notEqual(userRef('\ud800').key, userRef('\ud801').key)
    assert.notEqual(userRef('a').key, userRef('a\0').key)
  })
})
