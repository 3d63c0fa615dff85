import assert from 'node:assert/strict'
import { keyOf } from '../../../../storage/rows/keys.ts'
import { KnownRecords } from '../../../../storage/shard/known-records.ts'
import { Shard } from '../../../../storage/shard/shard.ts'
import type { ShardStore } from '../../../../storage/store/shard-store.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

const keyNumber = (n: number): string => `u/${keyOf(`user ${n % 7}`)}/e/${keyOf(`query ${n}`)}`

describe('what is known of a store', () => {
  it('never denies a key that it was told of, however many there are', () => {
    const known = new KnownRecords()
    for (let n = 0; n < 100_000; n += 1) known.addKey(keyNumber(n))
    for (let n = 0; n < 100_000; n += 1) assert.ok(known.mayHold(keyNumber(n)), `key ${n}`)
  })

  it('knows almost every missing key to be missing', () => {
    const known = new KnownRecords()
    for (let n = 0; n < 100_000; n += 1) known.addKey(keyNumber(n))
    let inVain = 0
    for (let n = 100_000; n < 200_000; n += 1) if (known.mayHold(keyNumber(n))) inVain += 1
    assert.ok(inVain < 200, `${inVain} of 100000 would be read in vain`)
  })

  it('keeps the last bytes of a record that it was asked to keep, and of no other', () => {
    const known = new KnownRecords()
    known.changed('new', Buffer.from('1'))
    assert.equal(known.bytesOf('new'), undefined)
    known.keep('kept', Buffer.from('1'))
    known.changed('kept', Buffer.from('2'))
    assert.equal(known.bytesOf('kept')?.toString(), Buffer.from('2').toString())
    known.changed('kept', undefined)
    assert.equal(known.bytesOf('kept'), undefined)
  })
})

/** A store that counts what it is asked for, and whose writes fail after their effect while `broken`. */
function watched(): { store: ShardStore; asked: string[]; breakWrites: (broken: boolean) => void } {
  const store = memoryShardStore()
  const asked: string[] = []
  let broken = false
  const proxy = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (name === 'getMany')
        return (keys: readonly string[]) => {
          asked.push(...keys)
          return target.getMany(keys)
        }
      if (name === 'write')
        return async (...args: Parameters<ShardStore['write']>) => {
          const written = await target.write(...args)
          if (broken) throw new Error('the disk went away')
          return written
        }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { store: proxy, asked, breakWrites: (now) => (broken = now) }
}

interface Count {
  readonly n: number
}

describe('a shard that knows what its store holds', () => {
  const open = async (store: ShardStore): Promise<Shard> => {
    await store.open()
    const init = { name: 'test', epoch: '00'.repeat(8), windowMs: 1 }
    const shard = new Shard({ store, known: new KnownRecords() }, init)
    await shard.start()
    return shard
  }
  const add = (shard: Shard, key: string): Promise<number> =>
    shard.transact({
      reads: [key],
      apply: (view) => {
        const n = (view.read<Count>(key)?.n ?? 0) + 1
        view.write(key, { n })
        return n
      },
    })

  it('reads a record that changes again and again once, and what is missing never', async () => {
    const { store, asked } = watched()
    const shard = await open(store)
    for (let n = 1; n <= 5; n += 1) assert.equal(await add(shard, 'count'), n)
    assert.deepEqual(asked, ['count'])
    assert.equal(shard.head.records, 1)
    await shard.stop()
  })

  it('goes by the store after a write whose outcome was unknown', async () => {
    const { store, breakWrites } = watched()
    const shard = await open(store)
    await add(shard, 'count')
    await add(shard, 'count')
    breakWrites(true)
    await assert.rejects(add(shard, 'count'), { code: 'STORAGE_FAILED' })
    breakWrites(false)
    await shard.recover()
    assert.equal(await add(shard, 'count'), 4)
    assert.equal(shard.head.records, 1)
    await shard.stop()
  })

  it('counts a record that was removed and written again', async () => {
    const shard = await open(memoryShardStore())
    await add(shard, 'count')
    await shard.transact({ reads: [], apply: (view) => view.remove('count') })
    assert.equal(shard.head.records, 0)
    assert.equal(await add(shard, 'count'), 1)
    assert.equal(shard.head.records, 1)
    await shard.stop()
  })
})
