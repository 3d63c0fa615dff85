/**
 * The user data does the same whatever keeps the bytes of its shards: LevelDB, memory, or a server that several nodes
 * share.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { newAccount } from '../../storage/rows/account.ts'
import { accountKey, creditKey, queryKeys, userRef } from '../../storage/rows/keys.ts'
import { encodeRecord } from '../../storage/store/checked-record.ts'
import { redisShard } from '../../storage/store/redis-shard.ts'
import type { ShardStore } from '../../storage/store/shard-store.ts'
import { diskFiles } from '../../storage/store/store-files.ts'
import type { UserData } from '../../storage/user-data.ts'
import { memoryShardStore } from '../support/memory-shard-store.ts'
import { type RedisServer, startRedisServer } from '../support/redis-server.ts'
import { storeFolder } from '../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../support/user-data.ts'

interface Software {
  readonly scheme: string
  readonly connect?: (url: string, name: string) => Promise<ShardStore>
  /** Runs before the first test; false skips them. */
  prepare(context: Mocha.Context): Promise<void>
  release(): Promise<void>
}

let server: RedisServer | undefined
const stores = new Map<string, ShardStore>()
const opened = async (store: ShardStore): Promise<ShardStore> => {
  await store.open()
  return store
}

const SOFTWARE: Readonly<Record<string, Software>> = {
  LevelDB: { scheme: 'level:', prepare: async () => {}, release: async () => {} },
  memory: {
    scheme: 'redis://memory/',
    connect: async (url, name) => {
      const store = stores.get(url + name) ?? memoryShardStore(name)
      stores.set(url + name, store)
      return await opened(store)
    },
    prepare: async () => {},
    release: async () => {},
  },
  'Redis or Valkey': {
    scheme: 'redis://server/',
    connect: async (url, name) =>
      await opened(await redisShard({ url: server?.url ?? '', name: `${url.replaceAll(/\W/g, '-')}${name}` })),
    prepare: async (context) => {
      server = await startRedisServer(context)
    },
    release: async () => {
      await server?.stop()
    },
  },
}

for (const [name, software] of Object.entries(SOFTWARE)) {
  describe(`UserData on ${name}`, () => {
    const folder = storeFolder()
    let number = 0
    let data: UserData

    const make = (home: string, place: string): UserData =>
      userDataIn(
        join(folder.path, home),
        {
          sharding: {
            shards: ['a', 'b'].map((shard) => ({
              name: shard,
              connectionString: `${software.scheme}${place}-${shard}`,
            })),
          },
        },
        software.connect === undefined ? {} : { connect: software.connect },
      )

    before(async function () {
      await software.prepare(this)
    })

    after(async () => {
      folder.remove()
      await software.release()
    })

    beforeEach(async () => {
      number += 1
      data = make(`home-${number}`, `place-${number}`)
      await data.start()
    })

    afterEach(async () => {
      await data?.stop()
    })

    it('keeps users, queries and totals over a restart', async () => {
      for (const guid of ['x', 'y', 'z']) {
        await data.user(guid)
        await Promise.all(
          [1, 2, 3].map((n) =>
            data.recordQuery(guid, finishedQuery(`${guid}${n}`, { startedAt: n, peer: 'p', prompt: 'hi' })),
          ),
        )
      }
      await data.stop()
      await data.start()
      for (const guid of ['x', 'y', 'z']) {
        assert.equal((await data.user(guid)).queryCount, 3)
        assert.deepEqual(
          (await data.queries(guid, { texts: true })).map(({ id, prompt }) => [id, prompt]),
          [
            [`${guid}3`, 'hi'],
            [`${guid}2`, 'hi'],
            [`${guid}1`, 'hi'],
          ],
        )
      }
    })

    it('keeps who is shut out, who is sysop, and the sums of the house over a restart', async () => {
      for (const guid of ['x', 'y']) await data.user(guid)
      await data.users.ban('x', true)
      assert.equal((await data.users.becomeFirstSysop('y')).sysop, true)
      await data.recordQuery('y', finishedQuery('q', { tookMs: 5, cost: 0.25 }))
      await data.recordQuery('y', finishedQuery('r', { outcome: 'TIMEOUT', cost: 0 }))
      data.ledger.noteConnected(7)
      await data.stop()
      await data.start()
      assert.deepEqual([data.isBanned('x'), data.isBanned('y')], [true, false])
      assert.equal((await data.users.becomeFirstSysop('x')).sysop, false)
      const byType = { chat: { queries: 1, timeMs: 5 } }
      const sums = { queries: 1, timeMs: 5, costMicros: 250_000, byType, mostConnected: 7 }
      assert.deepEqual(data.ledger.sums, sums)
      await data.shards.drain('a')
      await data.shards.settled()
      assert.deepEqual([data.isBanned('x'), data.ledger.sums], [true, sums])
      assert.equal((await data.users.ban('x', false)).banned, false)
    })

    it('charges concurrent records of one query once', async () => {
      await data.user('x')
      const recorded = await Promise.all(Array.from({ length: 20 }, () => data.recordQuery('x', finishedQuery('q'))))
      assert.equal(recorded.filter(Boolean).length, 1)
      assert.equal((await data.user('x')).queryCount, 1)
    })

    it('exports, backs up and erases', async () => {
      await data.user('x', 'nick')
      await data.recordQuery('x', finishedQuery('q', { prompt: 'hi' }))
      assert.equal((await data.export('x')).queries.length, 1)
      assert.ok((await data.backup(join(folder.path, `backup-${number}`))).records > 0)
      await data.erase('x')
      assert.equal(await data.users.find('x'), undefined)
      assert.deepEqual(
        (await data.shards.verify()).flatMap(({ findings }) => findings),
        [],
      )
    })

    it('drains a shard', async () => {
      for (let n = 0; n < 20; n += 1) await data.user(`user ${n}`)
      await data.shards.drain('a')
      await data.shards.settled()
      assert.deepEqual((await data.shards.verify()).map(({ shard, users }) => [shard, users]).sort(), [
        ['a', 0],
        ['b', 20],
      ])
    })
  })
}

describe('several nodes over one user base', () => {
  const folder = storeFolder()
  let redis: RedisServer | undefined

  before(async function () {
    redis = await startRedisServer(this)
  })

  after(async () => {
    folder.remove()
    await redis?.stop()
  })

  it('find a base of the first layout brought to this one, by the first that opens it', async () => {
    const connect = async (_: string, name: string): Promise<ShardStore> =>
      await opened(await redisShard({ url: redis?.url ?? '', name }))
    const store = await connect('', 'old')
    const { key } = userRef('ann')
    const { query, texts } = queryKeys(key, 1, 'q')
    const put = (at: string, value: object) => ({ key: at, value: encodeRecord(at, value) })
    const account = newAccount({ guid: 'ann', nickname: 'Ann', sysop: false, createdAt: 0, history: true })
    const rows = [
      put(accountKey(key), account),
      put(query, { ...finishedQuery('q', { startedAt: 1 }), kept: true }),
      put(texts, { sealed: false, text: '{"prompt":"hi"}' }),
      put(creditKey(key, 'q'), { kind: 'used', at: 1 }),
    ]
    await store.write(rows, { expected: new Map() })
    const sharding = { shards: [{ name: 'old', connectionString: 'redis://old' }] }
    for (const home of ['m1', 'm2']) {
      const node = userDataIn(join(folder.path, home), { sharding }, { connect })
      await node.start()
      const { queries, credits } = await node.export('ann')
      assert.deepEqual([queries.map(({ prompt }) => prompt), credits], [['hi'], []])
      await node.stop()
      const backedUp = await diskFiles.exists(join(folder.path, home, 'backups', 'old-layout-1'))
      assert.equal(backedUp, home === 'm1')
    }
    await store.close()
  })

  it('shut a user out at both within one look after one of them did, and let them in again', async () => {
    const sharding = { shards: [{ name: 's', connectionString: 'redis://two' }] }
    const connect = async (_: string, name: string): Promise<ShardStore> =>
      await opened(await redisShard({ url: redis?.url ?? '', name }))
    const [here, there] = ['b1', 'b2'].map((home) => userDataIn(join(folder.path, home), { sharding }, { connect }))
    if (here === undefined || there === undefined) assert.fail()
    for (const node of [here, there]) await node.start()
    await here.user('ann')
    assert.equal(there.isShared('ann'), true)
    assert.equal(await there.users.followBan('ann'), undefined)
    await here.users.ban('ann', true)
    assert.equal(there.isBanned('ann'), false)
    assert.equal(await there.users.followBan('ann'), true)
    assert.equal(there.isBanned('ann'), true)
    await here.users.ban('ann', false)
    assert.equal(await there.users.followBan('ann'), false)
    assert.equal(await there.users.followBan('nobody'), undefined)
    for (const node of [here, there]) await node.stop()
  })

  it('lose no query when both charge the same user at once', async () => {
    const sharding = {
      shards: [{ name: 's', connectionString: 'redis://one' }],
    }
    const connect = async (_: string, name: string): Promise<ShardStore> =>
      await opened(await redisShard({ url: redis?.url ?? '', name }))
    const nodes = ['n1', 'n2'].map((home) => userDataIn(join(folder.path, home), { sharding }, { connect }))
    for (const node of nodes) await node.start()
    for (const node of nodes) await node.user('shared')
    await Promise.all(
      nodes.flatMap((node, which) =>
        Array.from({ length: 100 }, (_, n) =>
          node.recordQuery('shared', finishedQuery(`${which} ${n}`, { peer: 'p' })),
        ),
      ),
    )
    const [one] = nodes
    const exported = await one?.export('shared')
    assert.equal(exported?.queries.length, 200)
    assert.equal(exported.account.queryCount, 200)
    for (const node of nodes) await node.stop()
  })
})
