import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup } from '../../../../storage/care/backup.ts'
import { MIGRATIONS } from '../../../../storage/care/migrations.ts'
import { restore, verifyBackup } from '../../../../storage/care/restore.ts'
import { Shard } from '../../../../storage/shard/shard.ts'
import { SCHEMA } from '../../../../storage/shard/shard-head.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'
import type { ShardStore } from '../../../../storage/store/shard-store.ts'
import { diskFiles } from '../../../../storage/store/store-files.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { ROOT } from '../../../support/markdown.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

type Rows = readonly (readonly [key: string, value: object])[]

/**
 * Every row that the program of layout 1 left of three users, one of them with sealed texts, of an API key, and of what
 * it met.
 */
const LAYOUT_1 = JSON.parse(
  readFileSync(join(ROOT, 'test', 'fixtures', 'user-data-layout-1.json'), 'utf8'),
) as Readonly<Record<string, Rows>>

/** The key that the fixture's texts were sealed with. */
const KEY = Buffer.alloc(32, 7)

const SPECS = ['one', 'two'].map((name) => ({ name, connectionString: `level:${name}` }))
const SHARDING = { shards: SPECS }

async function shardWith(store: ShardStore, name: string, rows: Rows): Promise<Shard> {
  await store.open()
  const shard = new Shard({ store }, { name, epoch: '00'.repeat(8), windowMs: 0, schema: 1 })
  await shard.start()
  await shard.transact({
    reads: [],
    apply: (view) => {
      for (const [key, value] of rows) view.create(key, value)
    },
  })
  return shard
}

async function rowsOf(shard: Shard): Promise<Rows> {
  const rows = await shard.range<object>({ gte: '"', limit: 1_000 })
  return rows.map(({ key, value }) => [key, value])
}

/** Every row of every store. Stores open in any order. */
async function allRows(data: UserData): Promise<Readonly<Record<string, Rows>>> {
  const stores = data.stores().toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Object.fromEntries(await Promise.all(stores.map(async (shard) => [shard.name, await rowsOf(shard)])))
}

describe('user data of layout 1', () => {
  const folder = storeFolder()
  let number = 0
  let home = ''
  let data: UserData

  /** A home as the older program left it. */
  beforeEach(async () => {
    number += 1
    home = join(folder.path, `home-${number}`)
    const directory = join(folder.path, `backup-${number}`)
    const stores = Object.entries(LAYOUT_1).filter(([name]) => name !== 'node')
    const shards = await Promise.all(stores.map(([name, rows]) => shardWith(memoryShardStore(name), name, rows)))
    await backup(diskFiles, shards, { directory, shards: SPECS, now: 1 })
    for (const shard of shards) await shard.stop()
    await restore(diskFiles, { directory, home, shards: SPECS, now: 1 })
    await diskFiles.makeFolder(join(home, 'node'))
    await diskFiles.writeAtomic(join(home, 'node', 'shard.json'), '{}')
    data = userDataIn(home, { sharding: SHARDING }, { cipher: textCipher(KEY) })
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('keeps users, queries, texts, credits and totals', async () => {
    const [ann, bob, cid] = await Promise.all(['ann', 'bob', 'cid'].map((guid) => data.export(guid)))
    assert.deepEqual(
      ann?.queries.map(({ id, prompt, answer }) => [id, prompt, answer]),
      [
        ['a2', undefined, undefined],
        ['a1', 'hello', 'hi "there"\n'],
      ],
    )
    assert.deepEqual([ann.account.nickname, ann.account.sysop, ann.account.queryCount], ['Ann', true, 2])
    assert.deepEqual(bob?.credits, [{ at: 1_790_000_000_000, amountMicros: 5_000_000, note: 'welcome' }])
    assert.equal(bob.account.balanceMicros, 4_988_800)
    assert.deepEqual([cid?.queries[0]?.prompt, cid?.queries[0]?.answer], ['secret', 'sealed'])
    await assert.rejects(data.user('thief', 'ann'), { code: 'NICKNAME_TAKEN' })
  })

  it('is left with one row a query, and nothing that nobody reads', async () => {
    const kinds = new Map<string, number>()
    for (const shard of data.stores()) {
      assert.equal(shard.head.schema, SCHEMA)
      for (const [key] of await rowsOf(shard)) {
        const kind = key.startsWith('u/') ? (key.split('/')[2] ?? '') : `${key.slice(0, 1)}`
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      }
    }
    assert.deepEqual(Object.fromEntries(kinds), { f: 1, g: 1, n: 3, o: 1, y: 3, a: 3, q: 4, t: 3, e: 1 })
    assert.equal(await diskFiles.exists(join(home, 'node')), false)
    assert.equal(await diskFiles.exists(join(home, 'backups', 'node-layout-1', 'shard.json')), true)
    assert.deepEqual(
      (await data.shards.verify()).flatMap(({ findings }) => findings),
      [],
    )
  })

  it('charges a query of before once more only under another start', async () => {
    const { startedAt } = (await data.queries('ann', { limit: 2 }))[1] ?? { startedAt: 0 }
    assert.equal(await data.recordQuery('ann', finishedQuery('a1', { startedAt })), false)
    assert.equal(await data.recordQuery('ann', finishedQuery('a1', { startedAt: startedAt + 1 })), true)
  })

  it('is not changed a second time', async () => {
    const before = await allRows(data)
    const commits = data.shards.status().map(({ commits }) => commits)
    await data.stop()
    await data.start()
    assert.deepEqual(await allRows(data), before)
    assert.deepEqual(
      data.shards.status().map(({ commits }) => commits),
      commits,
    )
  })

  it('comes back, row for row, from the backup that was made before', async () => {
    await data.stop()
    const back = join(folder.path, `back-${number}`)
    for (const name of ['index', 'one', 'two']) {
      const directory = join(home, 'backups', `${name}-layout-1`)
      assert.equal((await verifyBackup(diskFiles, directory)).stores[0]?.name, name)
      await restore(diskFiles, { directory, home: back, shards: SPECS, now: 1 })
    }
    // What the older program would open: no steps, and the number of its own layout.
    const older = userDataIn(
      back,
      { sharding: SHARDING },
      { migrations: [{ to: 1, row: (_, value) => value as object }] },
    )
    await older.start()
    assert.deepEqual(await allRows(older), { index: LAYOUT_1['index'], one: LAYOUT_1['one'], two: LAYOUT_1['two'] })
    for (const { head } of older.stores()) assert.equal(head.schema, 1)
    await older.stop()
  })

  it('cannot be opened by the older program once it was changed, which then leaves it closed', async () => {
    await data.stop()
    const older = userDataIn(
      home,
      { sharding: SHARDING },
      { migrations: [{ to: 1, row: (_, value) => value as object }] },
    )
    await assert.rejects(older.start(), { code: 'STORAGE_FAILED' })
    await data.start()
  })
})

describe('the steps of the layout', () => {
  it('end with the layout that new stores have', () => {
    assert.equal(MIGRATIONS.at(-1)?.to, SCHEMA)
  })

  it('give the same result a second time', () => {
    for (const { row } of MIGRATIONS) {
      for (const [key, value] of Object.values(LAYOUT_1).flat()) {
        const once = row(key, value)
        if (once !== undefined) assert.equal(row(key, once), once, key)
      }
    }
  })
})
