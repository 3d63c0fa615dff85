import assert from 'node:assert/strict'
import type { RealmeshError } from '../../../../core/realmesh-error.ts'
import { BatchWriter } from '../../../../storage/shard/batch-writer.ts'
import type { WaitingTransaction } from '../../../../storage/shard/group-commit.ts'
import { emptyHead, LAYOUT_KEY, SCHEMA } from '../../../../storage/shard/shard-head.ts'
import type { Transaction, TransactionView } from '../../../../storage/shard/transaction.ts'
import { decodeRecord, encodeRecord } from '../../../../storage/store/checked-record.ts'
import type { ShardStore, StoreOperation } from '../../../../storage/store/shard-store.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

interface Count {
  readonly n: number
}

const increment: Transaction<number> = {
  reads: ['n'],
  apply: (view: TransactionView) => {
    const n = (view.read<Count>('n')?.n ?? 0) + 1
    view.write('n', { n })
    return n
  },
}

/**
 * A store that several processes write to: another one changes a record before each of the first `conflicts` writes.
 */
async function shared(conflicts: number): Promise<{ store: ShardStore; written: StoreOperation[][] }> {
  const memory = memoryShardStore()
  await memory.open()
  const written: StoreOperation[][] = []
  let left = conflicts
  const store = new Proxy(memory, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (name === 'shared') return true
      if (name === 'write')
        return async (operations: readonly StoreOperation[], options: Parameters<ShardStore['write']>[1]) => {
          if (left > 0) {
            left -= 1
            const now = await target.get('n')
            const n = now === undefined ? 0 : (decodeRecord('n', now).value as Count).n
            await target.write([{ key: 'n', value: encodeRecord('n', { n: n + 100 }) }], options)
            return false
          }
          written.push([...operations])
          return await target.write(operations, options)
        }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { store, written }
}

interface Told {
  readonly batch: readonly WaitingTransaction[]
  readonly values: unknown[]
  readonly reasons: unknown[]
}

function batchOf(...transactions: readonly Transaction<unknown>[]): Told {
  const values: unknown[] = []
  const reasons: unknown[] = []
  const batch = transactions.map((transaction) => ({
    transaction,
    resolve: (value: unknown) => values.push(value),
    reject: (reason: unknown) => reasons.push(reason),
  }))
  return { batch, values, reasons }
}

const writerOn = (store: ShardStore, onUncertain: (error: RealmeshError) => void = () => {}): BatchWriter =>
  new BatchWriter(
    { store, decode: (key, bytes) => decodeRecord(key, bytes).value, onUncertain },
    { name: 'test', head: emptyHead('00'.repeat(8), SCHEMA) },
  )

describe('the writer of batches', () => {
  it('tells nobody anything before the batch is written, and each caller its own afterwards', async () => {
    const store = memoryShardStore()
    await store.open()
    const refused = { reads: [], apply: () => assert.fail('no') }
    const { batch, values, reasons } = batchOf(increment, refused, increment)
    const settle = await writerOn(store).write(batch)
    assert.deepEqual([values.length, reasons.length], [0, 0])
    settle()
    assert.deepEqual([values, reasons.length], [[1, 2], 1])
  })

  it('computes a batch anew from what another process wrote meanwhile', async () => {
    const { store } = await shared(2)
    const { batch, values } = batchOf(increment)
    ;(await writerOn(store).write(batch))()
    assert.deepEqual(values, [201])
  })

  it('gives up when another process is always faster', async () => {
    const { store } = await shared(1_000)
    await assert.rejects(writerOn(store).write(batchOf(increment).batch), { code: 'STORAGE_FAILED' })
  })

  it('writes a head with every batch, but none into a store with many writers', async () => {
    const own = memoryShardStore()
    await own.open()
    const writer = writerOn(own)
    ;(await writer.write(batchOf(increment).batch))()
    assert.deepEqual([writer.head.seq, writer.head.records], [1, 1])
    const again = writerOn(own)
    await again.load()
    assert.deepEqual(again.head, writer.head)
    const { store, written } = await shared(0)
    ;(await writerOn(store).write(batchOf(increment).batch))()
    assert.deepEqual(
      written[0]?.map(({ key }) => key),
      ['n'],
    )
  })

  it('takes a store with many writers for one of the first layout unless a note says otherwise, or it is empty', async () => {
    const schemaOf = async (...rows: readonly [string, object][]): Promise<number> => {
      const { store } = await shared(0)
      const operations = rows.map(([key, value]) => ({ key, value: encodeRecord(key, value) }))
      await store.write(operations, { expected: new Map() })
      const writer = writerOn(store)
      await writer.load()
      return writer.head.schema
    }
    assert.equal(await schemaOf(), SCHEMA)
    assert.equal(await schemaOf(['n', { n: 1 }]), 1)
    assert.equal(await schemaOf(['n', { n: 1 }], [LAYOUT_KEY, { schema: 7 }]), 7)
  })

  it('says when a write failed, and keeps the head that it had', async () => {
    const store = memoryShardStore()
    await store.open()
    store.write = () => Promise.reject(new Error('the disk went away'))
    const told: string[] = []
    const writer = writerOn(store, ({ code }) => told.push(code))
    await assert.rejects(writer.write(batchOf(increment).batch), { code: 'STORAGE_FAILED' })
    assert.deepEqual([told, writer.head.seq], [['STORAGE_FAILED'], 0])
  })

  it('looks for a probed key unless its absence is certain; a damaged record makes nothing certain', async () => {
    const store = memoryShardStore()
    await store.open()
    await store.write([{ key: 'bad', value: Buffer.from('garbage bytes') }], { expected: new Map() })
    const asked: string[] = []
    const getMany = store.getMany.bind(store)
    store.getMany = (keys) => {
      asked.push(...keys)
      return getMany(keys)
    }
    const probing = (
      key: string,
      isMissing: (view: Pick<TransactionView, 'read'>) => boolean,
    ): Transaction<unknown> => ({
      reads: ['bad'],
      probe: { key, isMissing },
      apply: (view) => view.read(key) === undefined,
    })
    const { batch, values, reasons } = batchOf(
      probing('certain', () => true),
      probing('open', () => false),
      probing('damaged', (view) => view.read('bad') !== undefined),
    )
    ;(await writerOn(store).write(batch))()
    assert.deepEqual(asked, ['bad', 'open', 'damaged'])
    assert.deepEqual([values, reasons], [[true, true, true], []])
  })
})
