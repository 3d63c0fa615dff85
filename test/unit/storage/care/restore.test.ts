import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { backup } from '../../../../storage/care/backup.ts'
import { restore } from '../../../../storage/care/restore.ts'
import { PLAN_KEY } from '../../../../storage/index/index-rows.ts'
import { Shard } from '../../../../storage/shard/shard.ts'
import { INDEX_STORE, type ShardSpec } from '../../../../storage/shards/sharding-config.ts'
import { diskFiles } from '../../../../storage/store/store-files.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'
import { storeFolder } from '../../../support/store-folder.ts'

/** What a backup says of itself, true or not. */
interface Crafted {
  /** Places of the shards in the manifest. */
  readonly told: readonly ShardSpec[]
  /** Those in the index, which a start opens. */
  readonly planned: readonly ShardSpec[]
}

const at = (connectionString: string, name = 'one'): ShardSpec => ({ name, connectionString })
const OWN = [at('level:one')]

describe('a restore', () => {
  const folder = storeFolder()
  let number = 0

  after(folder.remove)

  async function restored({ told, planned }: Crafted, shards: readonly ShardSpec[]): Promise<string> {
    number += 1
    const directory = join(folder.path, `backup-${number}`)
    const home = join(folder.path, `home-${number}`)
    const stores = [INDEX_STORE, ...told.map(({ name }) => name)]
    const open = await Promise.all(stores.map((name) => shardWith(name, planned)))
    await backup(diskFiles, open, { directory, shards: told, now: 1 })
    for (const shard of open) await shard.stop()
    await diskFiles.makeFolder(home)
    await restore(diskFiles, { directory, home, shards, now: 1 })
    return home
  }

  async function shardWith(name: string, planned: readonly ShardSpec[]): Promise<Shard> {
    const store = memoryShardStore(name)
    await store.open()
    const shard = new Shard({ store }, { name, epoch: '00'.repeat(8), windowMs: 0 })
    await shard.start()
    const plan = { shards: planned, current: planned.map((spec) => spec.name) }
    await shard.transact({ reads: [], apply: (view) => view.create(PLAN_KEY, plan) })
    return shard
  }

  const outside = (): string => join(folder.path, 'outside')

  it('writes where the configuration says, whatever the backup names', async () => {
    for (const elsewhere of [`level:${outside()}`, 'level:../../outside', 'redis://203.0.113.7']) {
      const home = await restored({ told: [at(elsewhere)], planned: [at(elsewhere)] }, OWN)
      if (!elsewhere.startsWith('redis')) assert.ok(existsSync(join(home, 'shards', 'one', 'db')))
      assert.equal(existsSync(outside()), false)
    }
    const own = join(folder.path, 'chosen')
    await restored({ told: OWN, planned: OWN }, [at(`level:${own}`)])
    assert.ok(existsSync(join(own, 'db')))
  })

  it('leaves a shard that the configuration does not name inside the home', async () => {
    const home = await restored({ told: [at('level:added', 'added')], planned: [] }, OWN)
    assert.ok(existsSync(join(home, 'shards', 'added', 'db')))
  })

  it('refuses a shard outside of the home that the configuration does not name, in manifest and plan', async () => {
    for (const place of [`level:${outside()}`, 'level:../../outside', 'redis://203.0.113.7/1', '/etc/passwd']) {
      const evil = at(place, 'added')
      for (const crafted of [
        { told: [evil], planned: [] },
        { told: OWN, planned: [...OWN, evil] },
      ]) {
        await assert.rejects(restored(crafted, OWN), { code: 'BACKUP_INVALID' }, place)
        assert.equal(existsSync(outside()), false)
        assert.deepEqual(readdirSync(join(folder.path, `home-${number}`)), [], 'nothing was begun')
      }
    }
  })

  it('refuses two stores in one place, and a folder for what is on a server here', async () => {
    const twice = [at('level:one'), at('level:one', 'two')]
    await assert.rejects(restored({ told: twice, planned: [] }, OWN), { code: 'BACKUP_INVALID' })
    await assert.rejects(restored({ told: OWN, planned: [] }, [at('redis://localhost')]), { code: 'BACKUP_INVALID' })
  })
})
