import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { restore, verifyBackup } from '../../../storage/care/restore.ts'
import { userRef } from '../../../storage/rows/keys.ts'
import { textCipher } from '../../../storage/store/encryption.ts'
import { diskFiles } from '../../../storage/store/store-files.ts'
import type { UserData } from '../../../storage/user-data.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { skip } from '../../support/skip.ts'
import { storeFolder } from '../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../support/user-data.ts'

/** The whole content of a folder, as one string of bytes: to look whether something is left on the medium. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

describe('user data', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let home = ''
  let data: UserData

  beforeEach(async () => {
    number += 1
    home = join(folder.path, String(number))
    data = userDataIn(home, { retention: { maxAgeMs: 1_000, maxQueries: 5 } }, { clock })
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('makes a user at first sight, the first one sysop, once', async () => {
    const [first, again] = await Promise.all([data.user('a'), data.user('a')])
    assert.deepEqual(first, again)
    assert.equal(first.sysop, true)
    assert.equal((await data.user('b')).sysop, false)
  })

  it('does not make the next stranger sysop when the first one is erased', async () => {
    await data.user('a')
    await data.erase('a')
    assert.equal((await data.user('b')).sysop, false)
  })

  it('gives a nickname to one user only, whatever its case, and frees it by renaming', async () => {
    await data.user('a', 'Ada')
    await assert.rejects(data.user('b', 'ADA '), { code: 'NICKNAME_TAKEN' })
    await data.users.update('a', { nickname: 'Countess' })
    assert.equal((await data.user('b', 'ada')).nickname, 'ada')
  })

  it('lets one of many that claim a nickname at once have it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => data.user(`u${n}`, 'same')))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('charges a query once, however often it is recorded', async () => {
    await data.user('a')
    const query = finishedQuery('q', { peer: 'p', cost: 0.25 })
    const recorded = await Promise.all(Array.from({ length: 10 }, () => data.recordQuery('a', query)))
    assert.equal(recorded.filter(Boolean).length, 1)
    await data.stop()
    await data.start()
    assert.equal(await data.recordQuery('a', query), false)
    const account = await data.user('a')
    assert.deepEqual([account.queryCount, account.totalCostMicros, account.balanceMicros], [1, 250_000, -250_000])
  })

  it('lists queries newest first, page by page', async () => {
    await data.user('a')
    for (let n = 0; n < 7; n += 1) await data.recordQuery('a', finishedQuery(`q${n}`, { startedAt: 1e12 + n }))
    const first = await data.queries('a', { limit: 3 })
    assert.deepEqual(
      first.map(({ id }) => id),
      ['q6', 'q5', 'q4'],
    )
    const second = await data.queries('a', { limit: 3, before: first[2]?.startedAt ?? 0 })
    assert.deepEqual(
      second.map(({ id }) => id),
      ['q3', 'q2', 'q1'],
    )
  })

  it('commits what waits for a reader of his own queries, and makes no other reader wait for it', async () => {
    await data.stop()
    data = userDataIn(home, { accountingPatienceMs: 600_000 })
    await data.start()
    await data.user('a')
    await data.user('b')
    const commits = (): number => data.shards.status().reduce((sum, shard) => sum + shard.commits, 0)
    const before = commits()
    const waiting = data.recordQuery('a', finishedQuery('q'))
    assert.deepEqual(await data.queries('b'), [])
    assert.equal(commits(), before)
    assert.equal((await data.queries('a')).length, 1)
    assert.equal(await waiting, true)
    assert.equal(commits(), before + 1)
  })

  it('has in a backup what waited when it was asked for', async () => {
    await data.stop()
    data = userDataIn(home, { accountingPatienceMs: 600_000 })
    await data.start()
    await data.user('a')
    const waiting = data.recordQuery('a', finishedQuery('q'))
    const { records } = await data.backup(join(folder.path, `waiting-${number}`))
    await waiting
    assert.equal((await data.backup(join(folder.path, `waiting-${number}`))).records, records)
  })

  it('keeps prompts only of users who keep history', async () => {
    await data.user('a')
    await data.users.update('a', { history: false })
    await data.recordQuery('a', finishedQuery('q', { prompt: 'a canary in the coal mine' }))
    assert.equal((await data.queries('a', { texts: true }))[0]?.prompt, undefined)
    await data.stop()
    assert.ok(!everything(home).includes('canary'))
  })

  it('encrypts prompts and answers when it is given a key, and only they need it', async () => {
    await data.stop()
    const key = randomBytes(32)
    data = userDataIn(home, {}, { cipher: textCipher(key) })
    await data.start()
    await data.user('a')
    await data.recordQuery('a', finishedQuery('q', { prompt: 'a canary', answer: 'sings' }))
    assert.equal((await data.queries('a', { texts: true }))[0]?.answer, 'sings')
    await data.stop()
    assert.ok(!everything(home).includes('canary'))
    data = userDataIn(home, {}, { cipher: textCipher(randomBytes(32)) })
    await data.start()
    assert.equal((await data.queries('a')).length, 1)
    await assert.rejects(data.queries('a', { texts: true }), { code: 'STORAGE_DAMAGED' })
  })

  it('exports all of a user, and erases all of him from the medium', async () => {
    const guid = 'guid-5f1d-canary'
    await data.user(guid, 'canary-nick')
    for (let n = 0; n < 3; n += 1)
      await data.recordQuery(guid, finishedQuery(`q${n}`, { prompt: `canary ${n}`, peer: 'p' }))
    const exported = await data.export(guid)
    assert.equal(exported.queries.length, 3)
    assert.equal(exported.queries[0]?.prompt?.startsWith('canary'), true)
    assert.equal(exported.account.queryCount, 3)
    await data.erase(guid)
    await assert.rejects(data.export(guid), { code: 'USER_NOT_FOUND' })
    assert.equal((await data.user('b', 'canary-nick')).queryCount, 0)
    await data.erase('b')
    await data.stop()
    assert.ok(!everything(home).includes('canary'))
  })

  it('removes queries that are too old or too many, and keeps the totals', async () => {
    await data.user('a')
    for (let n = 0; n < 9; n += 1) {
      await data.recordQuery('a', finishedQuery(`q${n}`, { startedAt: clock.wall() - (n < 2 ? 5_000 : 0) + n }))
    }
    assert.equal(await data.retention.run(), 4)
    assert.deepEqual(
      (await data.queries('a')).map(({ id }) => id),
      ['q8', 'q7', 'q6', 'q5', 'q4'],
    )
    assert.equal((await data.user('a')).queryCount, 9)
  })

  it('gives credits once', async () => {
    await data.user('a')
    await data.users.credit('a', 'gift', 5, 'welcome')
    assert.equal((await data.users.credit('a', 'gift', 5, 'welcome')).balanceMicros, 5_000_000)
  })

  it('backs up while it goes on, the second time only what changed, and restores all of it', async () => {
    const backup = join(folder.path, `backup-${number}`)
    for (let n = 0; n < 30; n += 1) {
      await data.user(`u${n}`)
      await data.recordQuery(`u${n}`, finishedQuery('q', { prompt: 'p'.repeat(500) }))
    }
    const first = await data.backup(backup)
    assert.equal(first.written, first.chunks)
    clock.advance(1_000)
    await data.recordQuery('u3', finishedQuery('second'))
    const [second] = await Promise.all([data.backup(backup), data.recordQuery('u4', finishedQuery('meanwhile'))])
    assert.ok(second.written < second.chunks)
    await verifyBackup(diskFiles, backup)
    await data.erase('u3')
    await data.stop()
    await restore(diskFiles, { directory: backup, home, now: 7 })
    const marker = await diskFiles.read(join(home, 'index', 'shard.json'))
    assert.equal(JSON.parse(String(marker)).createdAt, 7)
    await data.start()
    assert.deepEqual((await data.queries('u3')).map(({ id }) => id).sort(), ['q', 'second'])
    for (const { findings } of await data.shards.verify()) assert.deepEqual(findings, [])
  })

  it('refuses a backup of which a byte was changed', async () => {
    const backup = join(folder.path, `backup-${number}`)
    await data.user('a')
    await data.backup(backup)
    const chunks = readdirSync(join(backup, 'chunks'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    )
    const [chunk] = chunks
    assert.ok(chunk)
    const path = join(chunk.parentPath, chunk.name)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    await diskFiles.writeAtomic(path, bytes)
    await assert.rejects(verifyBackup(diskFiles, backup), { code: 'BACKUP_INVALID' })
  })

  it('says whose process holds the home', async () => {
    const second = userDataIn(home)
    await assert.rejects(second.start(), (error: Error) => {
      assert.match(error.message, new RegExp(`pid ${process.pid}`))
      return 'code' in error && error.code === 'STORAGE_LOCKED'
    })
  })

  it('moves one user for good', async () => {
    await data.user('a', 'ada')
    await data.recordQuery('a', finishedQuery('q'))
    const [to] = data.shards
      .status()
      .map(({ name }) => name)
      .filter((name) => name !== data.shards.placeOf(userRef('a')))
    assert.ok(to)
    await data.shards.move(userRef('a'), to)
    await data.stop()
    await data.start()
    await data.shards.rebalance()
    await data.shards.settled()
    assert.equal(data.shards.placeOf(userRef('a')), to)
    assert.equal((await data.queries('a')).length, 1)
  })

  it('keeps its files to itself', async function () {
    if (process.platform === 'win32') skip(this, 'Windows has no file modes')
    await data.stop()
    for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
      const { mode } = statSync(join(entry.parentPath, entry.name))
      if (entry.isDirectory() && entry.name !== 'db') assert.equal(mode & 0o077, 0, entry.name)
    }
  })
})
