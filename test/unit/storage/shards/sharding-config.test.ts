import assert from 'node:assert/strict'
import {
  assertSharding,
  defaultSharding,
  type ShardingConfig,
  shardPlace,
} from '../../../../storage/shards/sharding-config.ts'
import { UserData } from '../../../../storage/user-data.ts'

const BASE = '/home/shards'
const one = (connectionString: string): ShardingConfig => ({ shards: [{ name: 's', connectionString }] })

describe('where shards lie', () => {
  it('is four LevelDB folders of the home when nothing is set', () => {
    const { shards } = defaultSharding()
    assert.deepEqual(
      shards.map(({ connectionString }) => shardPlace(connectionString, BASE)),
      [1, 2, 3, 4].map((n) => ({ kind: 'level', folder: `/home/shards/shard${n}` })),
    )
    assertSharding(defaultSharding(), BASE)
  })

  it('is where an absolute path leads, on a server, or in a folder named like a SQLite file', () => {
    assert.deepEqual(shardPlace('level:/mnt/ssd/two', BASE), { kind: 'level', folder: '/mnt/ssd/two' })
    assert.deepEqual(shardPlace('valkey://host:1', BASE), { kind: 'redis', url: 'valkey://host:1' })
    assert.deepEqual(shardPlace('sqlite:///Shard1.db', BASE), { kind: 'level', folder: '/home/shards/shard1.db' })
  })

  for (const [about, connectionString] of [
    ['a relative path that leaves the home', 'level:../../etc'],
    ['a scheme that nobody knows', 'mysql://x'],
    ['no path', 'level:'],
    ['no file name', 'sqlite:///'],
  ] as const) {
    it(`is refused for ${about}`, () => {
      assert.throws(() => assertSharding(one(connectionString), BASE), { code: 'CONFIG_INVALID' })
      assert.throws(() => new UserData({}, { home: '/home', sharding: one(connectionString) }), {
        code: 'CONFIG_INVALID',
      })
    })
  }

  const refused = (config: ShardingConfig, message: RegExp): void => {
    assert.throws(
      () => assertSharding(config, BASE),
      (error: Error) => 'code' in error && error.code === 'CONFIG_INVALID' && message.test(error.message),
    )
  }

  it('is not one place for two shards, whatever the case of the letters', () => {
    const shards = [
      { name: 'a', connectionString: 'level:x' },
      { name: 'b', connectionString: 'level:X' },
    ]
    refused({ shards }, /two shards share/)
    refused({ shards: [...one('level:x').shards, ...one('level:y').shards] }, /two shards share/)
  })

  it('is not the place or the name of the index', () => {
    refused({ shards: [{ name: 'index', connectionString: 'level:x' }] }, /cannot be called index/)
  })

  it('is known for every name in the map, inherited ones not', () => {
    const { shards } = one('level:x')
    refused({ shards, shardMap: { '00': 'nowhere' } }, /nowhere/)
    refused({ shards, shardMap: JSON.parse('{"__proto__":"toString"}') }, /toString/)
    assertSharding({ shards, shardMap: { '00': 's' } }, BASE)
  })
})
