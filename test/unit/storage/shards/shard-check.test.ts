import assert from 'node:assert/strict'
import { newAccount } from '../../../../storage/rows/account.ts'
import { accountKey, userRef } from '../../../../storage/rows/keys.ts'
import type { Shard } from '../../../../storage/shard/shard.ts'
import { HEAD_KEY } from '../../../../storage/shard/shard-head.ts'
import { checkShard } from '../../../../storage/shards/shard-check.ts'
import { encodeRecord } from '../../../../storage/store/checked-record.ts'
import type { ShardStore, StoreOperation } from '../../../../storage/store/shard-store.ts'
import { memoryShard } from '../../../support/memory-shard.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

describe('the check of a shard', () => {
  let store: ShardStore
  let shard: Shard

  beforeEach(async () => {
    store = memoryShardStore()
    shard = await memoryShard(store)
    await shard.transact({
      reads: [],
      apply: (view) => {
        for (const guid of ['a', 'b', 'c']) {
          const account = newAccount({ guid, nickname: guid, sysop: false, createdAt: 0, history: true })
          view.write(accountKey(userRef(guid).key), account)
        }
        view.write('other', { n: 1 })
      },
    })
  })

  const harm = async (...operations: StoreOperation[]): Promise<readonly string[]> => {
    await store.write(operations, { expected: new Map() })
    return (await checkShard(shard, () => true)).findings
  }

  it('counts records and users, and finds nothing where nothing is wrong', async () => {
    const check = await checkShard(shard, () => true)
    assert.deepEqual(check, { shard: 'test', records: 4, users: 3, strays: 0, findings: [] })
    assert.deepEqual((await checkShard(await memoryShard(), () => true)).findings, [])
  })

  it('finds users that live elsewhere', async () => {
    const check = await checkShard(shard, (guid) => guid === 'a')
    assert.equal(check.strays, 2)
    assert.match(check.findings[0] ?? '', /^2 users have rows here/)
  })

  it('names a damaged record by its key', async () => {
    const findings = await harm({ key: 'other', value: Buffer.from('garbage bytes') })
    assert.match(findings[0] ?? '', /^1 records do not fit their checksum: other$/)
  })

  it('finds a record that is missing, and one that is older than it was', async () => {
    assert.deepEqual(await harm({ key: 'other', value: encodeRecord('other', { n: 0 }) }), [
      'some records are older than they were',
    ])
    assert.deepEqual(await harm({ key: 'other', value: undefined }), ['4 records expected, 3 found'])
  })

  it('finds that the head is gone', async () => {
    assert.deepEqual(await harm({ key: HEAD_KEY, value: undefined }), ['the record of what the shard holds is missing'])
  })
})
