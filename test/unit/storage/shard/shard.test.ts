import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { Shard } from '../../../../storage/shard/shard.ts'
import type { TransactionView } from '../../../../storage/shard/transaction.ts'
import type { ShardStore } from '../../../../storage/store/shard-store.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

interface Count {
  readonly n: number
}

const increment = {
  reads: ['n'],
  apply: (view: TransactionView) => view.write('n', { n: (view.read<Count>('n')?.n ?? 0) + 1 }),
}

async function open(store: ShardStore): Promise<Shard> {
  await store.open()
  const shard = new Shard({ store }, { name: 'test', epoch: '00'.repeat(8), windowMs: 1 })
  await shard.start()
  return shard
}

/** Counts writes, and fails them while `broken`. */
function watched(): { store: ShardStore; writes: () => number; breakWrites: (broken: boolean) => void } {
  const store = memoryShardStore()
  let writes = 0
  let broken = false
  const proxy = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'write') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<ShardStore['write']>) => {
        if (broken) throw new RealmeshError('STORAGE_FULL', 'full')
        writes += 1
        return await target.write(...args)
      }
    },
  })
  return { store: proxy, writes: () => writes, breakWrites: (now) => (broken = now) }
}

describe('a shard', () => {
  it('folds many changes of one record into one commit, each seeing the one before', async () => {
    const { store, writes } = watched()
    const shard = await open(store)
    await Promise.all(Array.from({ length: 100 }, () => shard.transact(increment)))
    assert.deepEqual(await shard.get('n'), { n: 100 })
    assert.equal(writes(), 1)
    assert.equal(shard.head.records, 1)
    await shard.stop()
  })

  it('leaves no trace of a change that throws, and tells only its caller', async () => {
    const shard = await open(memoryShardStore())
    const bad = shard.transact({
      reads: [],
      apply: (view) => {
        view.write('half', { done: true })
        throw new RealmeshError('BAD_REQUEST', 'no')
      },
    })
    const good = shard.transact(increment)
    await assert.rejects(bad, { code: 'BAD_REQUEST' })
    await good
    assert.equal(await shard.get('half'), undefined)
    await shard.stop()
  })

  it('refuses writes after a failed one until it recovered, and reads meanwhile', async () => {
    const { store, breakWrites } = watched()
    const shard = await open(store)
    await shard.transact(increment)
    breakWrites(true)
    await assert.rejects(shard.transact(increment), { code: 'STORAGE_FULL' })
    breakWrites(false)
    await assert.rejects(shard.transact(increment), { code: 'STORAGE_FULL' })
    assert.deepEqual(await shard.get('n'), { n: 1 })
    await shard.recover()
    await shard.transact(increment)
    assert.deepEqual(await shard.get('n'), { n: 2 })
    await shard.stop()
  })

  it('settles what waits when it stops, and refuses afterwards', async () => {
    const store = memoryShardStore()
    const shard = await open(store)
    const waiting = shard.transact({ ...increment, patienceMs: 60_000 })
    await shard.stop()
    await waiting
    await assert.rejects(shard.transact(increment), { code: 'STORAGE_CLOSED' })
    const again = await open(store)
    assert.deepEqual(await again.get('n'), { n: 1 })
    await again.stop()
  })

  it('says that a record is damaged, and goes on with the others', async () => {
    const store = memoryShardStore()
    const shard = await open(store)
    await shard.transact(increment)
    await store.write([{ key: 'bad', value: Buffer.from('garbage bytes') }], { expected: new Map() })
    await assert.rejects(shard.get('bad'), { code: 'STORAGE_DAMAGED' })
    await assert.rejects(shard.transact({ reads: ['bad'], apply: (view) => view.read('bad') }), {
      code: 'STORAGE_DAMAGED',
    })
    await shard.transact(increment)
    await shard.stop()
  })
})
