/** The damage table of LevelDB: what opens without an error after it, and what we say instead. */
import assert from 'node:assert/strict'
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { appendFile, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { queryKeys, userRef } from '../../storage/rows/keys.ts'
import { rendezvous } from '../../storage/shards/shard-map.ts'
import type { ShardStatus } from '../../storage/shards/shard-status.ts'
import type { UserData } from '../../storage/user-data.ts'
import { storeFolder } from '../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../support/user-data.ts'

const SHARDS = ['shard1', 'shard2', 'shard3', 'shard4']
/** Users in the shard that is going to be damaged; each has an account and queries of one row. */
const USERS = 250
const QUERIES = 9

const inShard = (shard: string, count: number): string[] => {
  const users: string[] = []
  for (let n = 0; users.length < count; n += 1) {
    if (rendezvous(userRef(`user ${n}`).key, SHARDS) === shard) users.push(`user ${n}`)
  }
  return users
}

const victims = inShard('shard1', USERS)
const others = ['shard2', 'shard3', 'shard4'].flatMap((shard) => inShard(shard, 2))

async function fill(data: UserData): Promise<void> {
  const pad = 'p'.repeat(300)
  await Promise.all([...victims, ...others].map((guid) => data.user(guid)))
  const record = (from: number, to: number): Promise<unknown> =>
    Promise.all(
      [...victims, ...others].flatMap((guid) =>
        Array.from({ length: to - from }, (_, n) =>
          data.recordQuery(guid, finishedQuery(`${guid} ${from + n}`, { startedAt: 1e12 + from + n, prompt: pad })),
        ),
      ),
    )
  // Half goes into tables, in several steps, so that there is a MANIFEST with a past; the other half stays in the log.
  for (let n = 0; n < 5; n += 1) {
    await record(n, n + 1)
    await data.shards.shard('shard1')?.reclaim('!', '~')
  }
  for (let n = 5; n < QUERIES; n += 1) await record(n, n + 1)
}

const filesOf = (db: string, pattern: RegExp): string[] =>
  readdirSync(db)
    .filter((name) => pattern.test(name))
    .map((name) => join(db, name))
    .sort((a, b) => statSync(b).size - statSync(a).size)

const only = (db: string, pattern: RegExp): string => {
  const [path] = filesOf(db, pattern)
  assert.ok(path, `no file like ${pattern}`)
  return path
}

function flip(path: string, fraction: number, bytes = 8): void {
  const file = openSync(path, 'r+')
  const at = Math.floor(statSync(path).size * fraction)
  const buffer = Buffer.alloc(bytes)
  readSync(file, buffer, 0, bytes, at)
  writeSync(
    file,
    buffer.map((byte) => byte ^ 0x10),
    0,
    bytes,
    at,
  )
  closeSync(file)
}

const cutInHalf = (path: string): void => truncateSync(path, Math.floor(statSync(path).size / 2))
const cutTail = (path: string): void => truncateSync(path, statSync(path).size - 5)

interface Row {
  readonly damage: string
  readonly harm: (db: string, home: string) => void | Promise<void>
  /** Whether everything can be brought back by the repair of a copy. */
  readonly complete?: boolean
}

const DAMAGE: readonly Row[] = [
  { damage: 'CURRENT deleted', harm: (db) => rmSync(join(db, 'CURRENT')), complete: true },
  { damage: 'MANIFEST cut in half', harm: (db) => cutInHalf(only(db, /^MANIFEST/)) },
  { damage: 'MANIFEST deleted', harm: (db) => rmSync(only(db, /^MANIFEST/)) },
  { damage: 'flipped bits in a table', harm: (db) => flip(only(db, /\.ldb$/), 0.4, 200) },
  { damage: 'one table deleted', harm: (db) => rmSync(only(db, /\.ldb$/)) },
  { damage: 'a flipped bit in the middle of the log', harm: (db) => flip(only(db, /\.log$/), 0.5, 1) },
  { damage: 'the log cut in its last record', harm: (db) => cutTail(only(db, /\.log$/)) },
  { damage: 'the log cut in half', harm: (db) => cutInHalf(only(db, /\.log$/)) },
  { damage: 'the log deleted', harm: (db) => rmSync(only(db, /\.log$/)) },
  { damage: 'the whole store deleted', harm: (db) => rmSync(db, { recursive: true }) },
  {
    damage: 'the store of another shard in its place',
    harm: async (db, home) => {
      rmSync(db, { recursive: true })
      await cp(join(home, 'shards', 'shard2', 'db'), db, { recursive: true })
    },
  },
]

const HARMLESS: readonly Row[] = [
  { damage: 'garbage at the end of the log', harm: (db) => appendFile(only(db, /\.log$/), Buffer.alloc(700, 0xa5)) },
  { damage: 'LOCK deleted', harm: (db) => rmSync(join(db, 'LOCK')) },
  { damage: 'the witness file deleted', harm: (db) => rmSync(join(db, '..', 'witness')) },
  { damage: 'nothing at all', harm: () => {} },
]

describe('a damaged shard', () => {
  const origin = storeFolder()
  const folder = storeFolder()
  let home = ''
  let data: UserData

  before(async () => {
    const original = userDataIn(join(origin.path, 'home'))
    await original.start()
    await fill(original)
    await original.stop()
  })

  after(() => {
    origin.remove()
    folder.remove()
  })

  const openDamaged = async (row: Row): Promise<ShardStatus | undefined> => {
    home = join(folder.path, row.damage.replaceAll(' ', '-'))
    await cp(join(origin.path, 'home'), home, { recursive: true })
    await row.harm(join(home, 'shards', 'shard1', 'db'), home)
    data = userDataIn(home)
    await data.start()
    return data.status().shards.find(({ name }) => name === 'shard1')
  }

  const assertOthersServe = async (): Promise<void> => {
    for (const guid of others) {
      assert.equal((await data.user(guid)).queryCount, QUERIES)
      assert.equal(await data.recordQuery(guid, finishedQuery('one more')), true)
    }
  }

  const countVictims = async (): Promise<{ users: number; queries: number }> => {
    let users = 0
    let queries = 0
    for (const guid of victims) {
      if ((await data.users.find(guid)) === undefined) continue
      users += 1
      queries += (await data.queries(guid, { limit: 100 })).length
    }
    return { users, queries }
  }

  afterEach(async () => {
    await data?.stop()
  })

  for (const row of DAMAGE) {
    it(`is noticed, kept aside and reported: ${row.damage}`, async () => {
      const status = await openDamaged(row)
      assert.ok(status?.damage, `no report: ${status?.problem}`)
      assert.ok(status.damage.findings.length > 0)
      assert.ok(existsSync(status.damage.quarantine), 'nothing was kept aside')
      await assertOthersServe()
      if (status.damage.repair?.complete === true) {
        assert.equal(status.state, 'serving')
        assert.deepEqual(await countVictims(), { users: USERS, queries: USERS * QUERIES })
      } else {
        assert.ok(row.complete !== true, 'the repair brought not everything back')
        assert.equal(status.state, 'damaged')
        await assert.rejects(data.user(victims[0] ?? ''), { code: 'STORAGE_DAMAGED' })
      }
    })
  }

  it('stays out of service over restarts until the operator accepts what the repair brought back', async () => {
    const status = await openDamaged({ damage: 'accepted', harm: (db) => cutTail(only(db, /\.log$/)) })
    assert.equal(status?.state, 'damaged')
    assert.equal(status.damage?.commitsLost, 1)
    await data.stop()
    data = userDataIn(home)
    await data.start()
    assert.equal(data.status().shards.find(({ name }) => name === 'shard1')?.state, 'damaged')
    await data.shards.acceptRepair('shard1')
    const { users, queries } = await countVictims()
    assert.equal(users, USERS)
    assert.ok(queries >= USERS * (QUERIES - 1) && queries < USERS * QUERIES, `${queries} queries`)
    await data.user('a new user')
    await data.stop()
    await data.start()
    assert.equal(data.status().shards.find(({ name }) => name === 'shard1')?.state, 'serving')
    assert.deepEqual(
      (await data.shards.verify()).flatMap(({ findings }) => findings),
      [],
    )
  })

  it('does not keep the node from serving when it is the index: that is written anew from the shards', async () => {
    home = join(folder.path, 'index')
    await cp(join(origin.path, 'home'), home, { recursive: true })
    rmSync(join(home, 'index', 'db'), { recursive: true })
    data = userDataIn(home)
    await data.start()
    assert.match(data.status().warnings.join(), /the store index was damaged/)
    const [victim = '', other = ''] = victims
    const { nickname } = await data.user(victim)
    await assert.rejects(data.users.update(other, { nickname }), { code: 'NICKNAME_TAKEN' })
    await data.user('a stranger')
    assert.equal((await data.users.becomeFirstSysop('a stranger')).sysop, false)
    assert.deepEqual(await countVictims(), { users: USERS, queries: USERS * QUERIES })
    assert.deepEqual(
      (await data.shards.verify()).flatMap(({ findings }) => findings),
      [],
    )
  })

  for (const row of HARMLESS) {
    it(`is not seen where there is none: ${row.damage}`, async () => {
      const status = await openDamaged(row)
      assert.equal(status?.state, 'serving')
      assert.equal(status.damage, undefined)
      assert.deepEqual(await countVictims(), { users: USERS, queries: USERS * QUERIES })
    })
  }

  const openSound = async (name: string): Promise<void> => {
    home = join(folder.path, name)
    await cp(join(origin.path, 'home'), home, { recursive: true })
    data = userDataIn(home)
    await data.start()
  }
  const shard1 = (): ShardStatus | undefined => data.status().shards.find(({ name }) => name === 'shard1')

  it('serves the rest of a shard in which a bad record is found while it runs, says so, and is repaired when told to', async () => {
    await openSound('running')
    const [victim = '', neighbour = ''] = victims
    const { query } = queryKeys(userRef(victim).key, 1e12, `${victim} 0`)
    await data.shards.shard('shard1')?.exclusive(async (store) => {
      await store.write([{ key: query, value: Buffer.from('garbage bytes') }], { expected: new Map() })
    })
    await assert.rejects(data.queries(victim), { code: 'STORAGE_DAMAGED' })
    await assert.rejects(data.queries(victim), { code: 'STORAGE_DAMAGED' })
    assert.equal((await data.queries(neighbour)).length, QUERIES)
    assert.equal(await data.recordQuery(victim, finishedQuery('one more')), true)
    assert.equal(shard1()?.state, 'serving')
    assert.equal(shard1()?.damagedRecords, 1)
    assert.match(data.status().warnings.join(), /1 damaged record .* realmesh shards repair shard1/)
    const named = (await data.shards.verify()).flatMap(({ findings }) => findings).join()
    assert.ok(named.includes(query), named)

    await data.shards.acceptRepair('shard1')
    assert.equal(shard1()?.state, 'serving')
    assert.equal(shard1()?.damagedRecords, undefined)
    assert.equal((await data.queries(victim)).length, QUERIES)
    assert.equal((await data.queries(neighbour)).length, QUERIES)
    assert.equal(existsSync(join(home, 'quarantine')), true)
    assert.deepEqual(
      (await data.shards.verify()).flatMap(({ findings }) => findings),
      [],
    )
  })

  it('acknowledges nothing more when its files are removed while it runs, and is not taken for a new one', async () => {
    await openSound('removed')
    rmSync(join(home, 'shards'), { recursive: true })
    await data.checkDisk()
    assert.equal(shard1()?.state, 'refusing')
    assert.match(shard1()?.problem ?? '', /the files of shard1 are gone/)
    await assert.rejects(data.recordQuery(victims[0] ?? '', finishedQuery('lost')), { code: 'STORAGE_DAMAGED' })
    await data.checkDisk()
    assert.equal(shard1()?.state, 'refusing')
    await data.stop()
    await data.start()
    assert.equal(shard1()?.state, 'damaged')
    assert.match(shard1()?.problem ?? '', /all of its files are gone/)
    await assert.rejects(data.user(victims[0] ?? ''), { code: 'STORAGE_DAMAGED' })
    await data.shards.acceptRepair('shard1')
    assert.equal(shard1()?.state, 'serving')
    assert.equal((await data.user(victims[0] ?? '')).queryCount, 0)
  })
})
