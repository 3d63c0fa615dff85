import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { restore, verifyBackup } from '../../../../storage/care/restore.ts'
import { defaultSharding } from '../../../../storage/shards/sharding-config.ts'
import { diskFiles } from '../../../../storage/store/store-files.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

describe('a backup', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let home = ''
  let data: UserData

  beforeEach(async () => {
    number += 1
    home = join(folder.path, String(number))
    data = userDataIn(home, {}, { clock })
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('has what waited when it was asked for', async () => {
    await data.stop()
    data = userDataIn(home, { accountingPatienceMs: 600_000 })
    await data.start()
    await data.user('a')
    const waiting = data.recordQuery('a', finishedQuery('q'))
    const { records } = await data.backup(join(folder.path, `waiting-${number}`))
    await waiting
    assert.equal((await data.backup(join(folder.path, `waiting-${number}`))).records, records)
  })

  it('is made while the node goes on, the second time only of what changed, and is restored whole', async () => {
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
    await restore(diskFiles, { directory: backup, home, shards: defaultSharding().shards, now: 7 })
    const marker = await diskFiles.read(join(home, 'index', 'shard.json'))
    assert.equal(JSON.parse(String(marker)).createdAt, 7)
    await data.start()
    assert.deepEqual((await data.queries('u3')).map(({ id }) => id).sort(), ['q', 'second'])
    for (const { findings } of await data.shards.verify()) assert.deepEqual(findings, [])
  })

  it('is refused when a byte of it was changed', async () => {
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
    await assert.rejects(verifyBackup(diskFiles, backup), { code: 'BACKUP_INVALID', fix: 'use another backup' })
  })

  it('without the store of layout 1 that is no more is restored', async () => {
    const directory = join(folder.path, `backup-${number}`)
    await data.user('a')
    await data.backup(directory)
    const name = readdirSync(directory).find((file) => file.startsWith('backup-')) ?? ''
    const manifest = JSON.parse(readFileSync(join(directory, name), 'utf8'))
    const node = { name: 'node', records: 0, sum: 0, chunks: [] }
    const withNode = { ...manifest, stores: [...manifest.stores, node] }
    await diskFiles.writeAtomic(join(directory, name), JSON.stringify(withNode))
    await data.stop()
    const check = await restore(diskFiles, { directory, home, shards: defaultSharding().shards, now: 1 })
    assert.ok(check.stores.some((store) => store.name === 'node'))
    assert.equal(await diskFiles.exists(join(home, 'node')), false)
    await data.start()
    assert.equal((await data.user('a')).guid, 'a')
  })
})
