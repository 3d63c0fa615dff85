import assert from 'node:assert/strict'
import { type Migration, migrate } from '../../../../storage/care/migrate.ts'
import { Shard } from '../../../../storage/shard/shard.ts'
import type { ShardStore } from '../../../../storage/store/shard-store.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

interface Row {
  readonly n?: number
  readonly count?: number
}

/** More than the pages and commits of one walk. */
const ROWS = 1_234
const rowKey = (n: number): string => `r/${String(n).padStart(5, '0')}`

/** A synthetic second layout: a field has another name, and some rows are gone. */
const RENAME: Migration = {
  to: 2,
  row: (key, value) => {
    const row = value as Row
    if (!key.startsWith('r/') || row.count !== undefined) return row
    return row.n === 7 ? undefined : { count: row.n ?? 0 }
  },
}

const DOUBLE: Migration = {
  to: 3,
  row: (key, value) => {
    const row = value as Row & { readonly doubled?: boolean }
    return key.startsWith('r/') && row.doubled !== true ? { count: (row.count ?? 0) * 2, doubled: true } : row
  },
}

/** A store whose writes fail from the Nth on, as a process that died. */
function dying(store: ShardStore, lives: number): ShardStore {
  let left = lives
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (name === 'write')
        return async (...args: Parameters<ShardStore['write']>) => {
          left -= 1
          if (left < 0) throw new Error('died')
          return await target.write(...args)
        }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

describe('a migration', () => {
  const open = async (store: ShardStore): Promise<Shard> => {
    await store.open()
    const shard = new Shard({ store }, { name: 'test', epoch: '00'.repeat(8), windowMs: 0, schema: 1 })
    await shard.start()
    return shard
  }

  const filled = async (): Promise<ShardStore> => {
    const store = memoryShardStore()
    const shard = await open(store)
    await shard.transact({
      reads: [],
      apply: (view) => {
        for (let n = 0; n < ROWS; n += 1) view.create(rowKey(n), { n })
      },
    })
    await shard.stop()
    return store
  }

  const rows = async (shard: Shard): Promise<readonly Row[]> =>
    (await shard.range<Row>({ gte: 'r/', lt: 'r0', limit: ROWS })).map(({ value }) => value)

  it('backs up first, then changes every row, and does not run again', async () => {
    const shard = await open(await filled())
    let backedUp = 0
    const backUp = async (): Promise<void> => {
      backedUp += 1
      assert.equal(shard.head.schema, 1)
      assert.deepEqual((await rows(shard))[5], { n: 5 })
    }
    assert.deepEqual(await migrate(shard, backUp, [RENAME]), { from: 1, to: 2, rowsChanged: ROWS })
    assert.equal(shard.head.schema, 2)
    assert.equal((await rows(shard)).length, ROWS - 1)
    assert.ok((await rows(shard)).every(({ count, n }) => count !== undefined && n === undefined))
    assert.equal(await migrate(shard, backUp, [RENAME]), undefined)
    assert.equal(backedUp, 1)
    await shard.stop()
  })

  it('changes nothing when the backup fails', async () => {
    const shard = await open(await filled())
    await assert.rejects(
      migrate(shard, () => Promise.reject(new Error('no room')), [RENAME]),
      /no room/,
    )
    assert.equal(shard.head.schema, 1)
    assert.deepEqual((await rows(shard))[7], { n: 7 })
    await shard.stop()
  })

  it('takes the steps in order, from the layout at which the shard is', async () => {
    const shard = await open(await filled())
    await migrate(shard, async () => {}, [RENAME])
    assert.deepEqual(await migrate(shard, async () => {}, [RENAME, DOUBLE]), { from: 2, to: 3, rowsChanged: ROWS - 1 })
    assert.equal((await rows(shard))[5]?.count, 10)
    await shard.stop()
  })

  it('is finished by the next start, whatever commit the process died before', async () => {
    // Three pages and the new number per step: the commits of both steps, and one more that never comes.
    for (let lives = 0; lives <= 8; lives += 1) {
      const store = await filled()
      const first = await open(dying(store, lives))
      const whole = await migrate(first, async () => {}, [RENAME, DOUBLE]).then(
        () => true,
        () => false,
      )
      assert.equal(whole, lives >= 8, `${lives} commits`)
      await first.stop()
      const second = await open(store)
      let backedUp = 0
      const backUp = async (): Promise<void> => {
        backedUp += 1
      }
      await migrate(second, backUp, [RENAME, DOUBLE])
      assert.equal(backedUp, whole ? 0 : 1)
      const expected = Array.from({ length: ROWS }, (_, n) => n).filter((n) => n !== 7)
      assert.deepEqual(
        (await rows(second)).map(({ count }) => count),
        expected.map((n) => 2 * n),
        `after ${lives} commits`,
      )
      assert.equal(second.head.schema, 3)
      await second.stop()
    }
  })

  it('leaves a damaged row as it is', async () => {
    const store = await filled()
    await store.open()
    await store.write([{ key: rowKey(3), value: Buffer.from('garbage bytes') }], { expected: new Map() })
    const shard = await open(store)
    await migrate(shard, async () => {}, [RENAME])
    assert.equal(shard.head.schema, 2)
    await assert.rejects(shard.get(rowKey(3)), { code: 'STORAGE_DAMAGED' })
    assert.deepEqual(await shard.get(rowKey(4)), { count: 4 })
    await shard.stop()
  })

  it('refuses a shard that a newer version wrote', async () => {
    const shard = await open(await filled())
    await shard.raiseSchema(9)
    await assert.rejects(
      migrate(shard, async () => {}, [RENAME]),
      { code: 'STORAGE_FAILED' },
    )
    await shard.stop()
  })
})
