import assert from 'node:assert/strict'
import { userRef } from '../../../../storage/rows/keys.ts'
import { safeFolderName } from '../../../../storage/shard/shard-folder.ts'
import { parseSharding } from '../../../../storage/shards/parse-sharding.ts'
import { rendezvous, shardOf } from '../../../../storage/shards/shard-map.ts'
import { shardPlace } from '../../../../storage/shards/sharding-config.ts'

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

describe('the sharding section', () => {
  it('has four LevelDB shards when nothing is set', () => {
    for (const section of [undefined, {}, { enabled: false }, { enabled: true, shards: [] }]) {
      assert.deepEqual(
        parseSharding(section, '/home').shards.map(({ name }) => name),
        ['shard1', 'shard2', 'shard3', 'shard4'],
      )
    }
  })

  it('reads sqlite: as a LevelDB folder of that name, and says so', () => {
    const config = parseSharding(
      { enabled: true, shards: [{ name: 's', connection_string: 'sqlite:///shard1.db' }] },
      '/home',
    )
    assert.deepEqual(shardPlace(config.shards[0]?.connectionString ?? '', '/home'), {
      kind: 'level',
      folder: '/home/shard1.db',
    })
    assert.match(config.notices[0] ?? '', /LevelDB/)
  })

  for (const [about, connection] of [
    ['a relative path that leaves the home', 'level:../../etc'],
    ['a scheme that nobody knows', 'mysql://x'],
    ['no path', 'level:'],
  ] as const) {
    it(`refuses ${about}`, () => {
      const section = { enabled: true, shards: [{ name: 's', connection_string: connection }] }
      assert.throws(() => parseSharding(section, '/home'), { code: 'CONFIG_INVALID' })
    })
  }

  it('refuses two shards in one place and a map to a shard that is not there', () => {
    const shards = [
      { name: 'a', connection_string: 'level:x' },
      { name: 'b', connection_string: 'level:X' },
    ]
    assert.throws(() => parseSharding({ enabled: true, shards }, '/home'), { code: 'CONFIG_INVALID' })
    const section = { enabled: true, shards: shards.slice(0, 1), shard_map: { '00': 'nowhere' } }
    assert.throws(() => parseSharding(section, '/home'), { code: 'CONFIG_INVALID' })
  })

  it('makes a folder name of any string, and different ones of different strings', () => {
    const names = ['shard1.db', '../x', 'CON', 'con', 'a/b', 'A', '', '.', 'ü', 'x'.repeat(99), '\0']
    const folders = names.map(safeFolderName)
    assert.equal(new Set(folders).size, names.length)
    for (const folder of folders) assert.match(folder, /^(\.h-[0-9a-f]{32}|[a-z0-9][a-z0-9_.-]*)$/)
    assert.equal(safeFolderName('shard1.db'), 'shard1.db')
  })
})
