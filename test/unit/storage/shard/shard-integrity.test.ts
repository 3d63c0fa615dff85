import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { emptyHead, type ShardHead } from '../../../../storage/shard/shard-head.ts'
import { judgeScan, type ShardScan, scanShard } from '../../../../storage/shard/shard-integrity.ts'
import type { StoreReader } from '../../../../storage/store/shard-store.ts'
import { memoryShard } from '../../../support/memory-shard.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

const EPOCH = 'ab'.repeat(8)
const HEAD: ShardHead = { ...emptyHead(EPOCH, 2), seq: 5, records: 10, sum: 99 }
const SOUND: ShardScan = { records: 10, sum: 99, damagedRecords: 0, head: HEAD }
const witnessed = (seq: number, epoch = EPOCH) => ({ epoch: EPOCH, witness: { epoch, seq } })

describe('the scan of a shard', () => {
  it('arrives at what the head says, and names what is damaged', async () => {
    const store = memoryShardStore()
    const shard = await memoryShard(store)
    await shard.transact({
      reads: [],
      apply: (view) => {
        for (let n = 0; n < 1_500; n += 1) view.create(`k${n}`, { n })
      },
    })
    const scan = await scanShard(store)
    assert.deepEqual([scan.records, scan.sum, scan.head], [shard.head.records, shard.head.sum, shard.head])
    await store.write([{ key: 'k7', value: Buffer.from('garbage bytes') }], { expected: new Map() })
    const bad: string[] = []
    assert.equal((await scanShard(store, (key) => bad.push(key))).damagedRecords, 1)
    assert.deepEqual(bad, ['k7'])
  })

  const failing = (error: Error): StoreReader => ({
    get: async () => undefined,
    getMany: async () => [],
    range: () => Promise.reject(error),
  })

  it('ends where the store says that it is damaged, and throws what is no damage', async () => {
    const damaged = await scanShard(failing(new RealmeshError('STORAGE_DAMAGED', 'a bad block')))
    assert.equal(damaged.failure, 'a bad block')
    await assert.rejects(scanShard(failing(new RealmeshError('STORAGE_CLOSED', 'closed'))), { code: 'STORAGE_CLOSED' })
  })
})

describe('the judgement of a scan', () => {
  it('finds nothing where all is there, or one commit more than was witnessed', () => {
    for (const expected of [witnessed(5), witnessed(4), { epoch: EPOCH, witness: undefined }]) {
      assert.equal(judgeScan(SOUND, expected), undefined)
    }
  })

  it('does not go by the witness of another store', () => {
    assert.equal(judgeScan(SOUND, witnessed(9, 'cd'.repeat(8))), undefined)
  })

  for (const [what, scan, expected, finding] of [
    ['records that are missing', { ...SOUND, records: 8 }, witnessed(5), '2 records are missing'],
    ['records that are too many', { ...SOUND, records: 11 }, witnessed(5), '1 records are too many'],
    ['records that are older', { ...SOUND, sum: 98 }, witnessed(5), 'some records are older than they were'],
    ['commits that are missing', SOUND, witnessed(7), 'the last 2 acknowledged commits are missing'],
    ['damaged records', { ...SOUND, damagedRecords: 3 }, witnessed(5), '3 records do not fit their checksum'],
    ['a scan that was cut off', { ...SOUND, failure: 'a bad block' }, witnessed(5), 'reading stopped: a bad block'],
    ['another store', SOUND, { ...witnessed(5), epoch: 'ef'.repeat(8) }, 'this is not the store that was created here'],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.deepEqual(judgeScan(scan, expected)?.findings, [finding])
    })
  }

  it('finds that the head is missing', () => {
    const damage = judgeScan({ ...SOUND, head: undefined }, witnessed(5))
    assert.match(damage?.findings[0] ?? '', /is missing/)
    assert.equal(damage?.recordsExpected, undefined)
  })
})
