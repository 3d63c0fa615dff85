/** What every ShardStore must do, whatever software keeps the bytes. */
import assert from 'node:assert/strict'
import { pagesOf, type ShardStore, type StoreOperation } from '../../storage/store/shard-store.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const put = (key: string, text: string): StoreOperation => ({ key, value: bytes(text) })
const del = (key: string): StoreOperation => ({ key, value: undefined })
const anything = { expected: new Map<string, Uint8Array | undefined>() }
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()

export interface StoreTraits {
  /** Whether other processes may write to the same store. */
  readonly shared: boolean
  readonly snapshots: boolean
}

export function storeContract(traits: StoreTraits, fresh: () => Promise<ShardStore>): void {
  let store: ShardStore

  beforeEach(async () => {
    store = await fresh()
    await store.open()
  })

  afterEach(async () => {
    await store?.close()
  })

  it('says what it is', () => {
    assert.equal(store.shared, traits.shared)
  })

  const keys = async (
    range: Omit<Parameters<ShardStore['range']>[0], 'limit'> & { limit?: number },
  ): Promise<string[]> => (await store.range({ limit: 100, ...range })).map(([key]) => key)

  it('returns what was written, byte for byte', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index)
    await store.write([{ key: 'k', value: all }], anything)
    assert.deepEqual(Uint8Array.from((await store.get('k')) ?? []), all)
  })

  it('answers undefined for a key that is not there', async () => {
    assert.equal(await store.get('nothing'), undefined)
  })

  it('returns many values in the order in which they were asked for', async () => {
    await store.write([put('a', '1'), put('b', '2')], anything)
    assert.deepEqual((await store.getMany(['b', 'x', 'a', 'b'])).map(text), ['2', undefined, '1', '2'])
    assert.deepEqual(await store.getMany([]), [])
  })

  it('overwrites and removes', async () => {
    await store.write([put('a', '1'), put('b', '2')], anything)
    await store.write([put('a', '3'), del('b'), del('never there')], anything)
    assert.deepEqual((await store.getMany(['a', 'b'])).map(text), ['3', undefined])
    assert.deepEqual(await keys({}), ['a'])
  })

  it('keeps the last of several changes of one key in a batch', async () => {
    await store.write([put('a', '1'), del('a'), put('a', '2'), put('b', '1'), del('b')], anything)
    assert.deepEqual((await store.getMany(['a', 'b'])).map(text), ['2', undefined])
  })

  it('keeps empty and large values', async () => {
    const large = 'x'.repeat(1 << 20)
    await store.write([put('empty', ''), put('large', large)], anything)
    assert.deepEqual((await store.getMany(['empty', 'large'])).map(text), ['', large])
  })

  it('orders keys by their bytes', async () => {
    await store.write(
      ['a/b', 'a', 'a!', 'B', 'a0', 'a/'].map((key) => put(key, key)),
      anything,
    )
    assert.deepEqual(await keys({}), ['B', 'a', 'a!', 'a/', 'a/b', 'a0'])
  })

  it('gives ranges with the beginning and without the end', async () => {
    await store.write(
      ['a', 'b', 'c', 'd'].map((key) => put(key, key)),
      anything,
    )
    assert.deepEqual(await keys({ gte: 'b', lt: 'd' }), ['b', 'c'])
    assert.deepEqual(await keys({ gte: 'bb' }), ['c', 'd'])
    assert.deepEqual(await keys({ lt: 'c' }), ['a', 'b'])
    assert.deepEqual(await keys({ gte: 'x' }), [])
  })

  it('gives ranges from the end, and no more than asked for', async () => {
    await store.write(
      ['a', 'b', 'c', 'd'].map((key) => put(key, key)),
      anything,
    )
    assert.deepEqual(await keys({ reverse: true, limit: 2 }), ['d', 'c'])
    assert.deepEqual(await keys({ gte: 'a', lt: 'd', reverse: true }), ['c', 'b', 'a'])
    assert.deepEqual(await keys({ limit: 1 }), ['a'])
    const [entry] = await store.range({ limit: 1 })
    assert.equal(text(entry?.[1]), 'a')
  })

  it('walks a long range in pages, each key once', async () => {
    const all = Array.from({ length: 2_345 }, (_, index) => `k${String(index).padStart(5, '0')}`)
    await store.write(
      all.map((key) => put(key, key)),
      anything,
    )
    const seen: string[] = []
    for await (const page of pagesOf(store, { gte: 'k', lt: 'l' }, 100)) {
      assert.ok(page.length <= 100)
      seen.push(...page.map(([key]) => key))
    }
    assert.deepEqual(seen, all)
  })

  it('writes all of concurrent batches', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.write([put(`a${index}`, '1'), put(`b${index}`, '1')], anything)),
    )
    assert.equal((await keys({})).length, 100)
  })

  const withSnapshots = traits.snapshots ? it : undefined
  withSnapshots?.('takes a snapshot that later writes do not change', async () => {
    await store.write([put('a', '1')], anything)
    const view = store.snapshot()
    assert.ok(view)
    await store.write([put('a', '2'), put('b', '2')], anything)
    assert.equal(text(await view.get('a')), '1')
    assert.deepEqual((await view.getMany(['a', 'b'])).map(text), ['1', undefined])
    assert.deepEqual(
      (await view.range({ limit: 9 })).map(([key]) => key),
      ['a'],
    )
    await view.close()
    assert.equal(text(await store.get('a')), '2')
  })

  const withOthers = traits.shared ? it : undefined
  withOthers?.('refuses a batch computed from what is no longer so', async () => {
    await store.write([put('a', '1')], anything)
    const stale = { expected: new Map([['a', bytes('0')]]) }
    assert.equal(await store.write([put('a', '2'), put('b', '2')], stale), false)
    assert.equal(await store.write([put('b', '2')], { expected: new Map([['a', undefined]]) }), false)
    assert.deepEqual((await store.getMany(['a', 'b'])).map(text), ['1', undefined])
    const right = {
      expected: new Map([
        ['a', bytes('1')],
        ['b', undefined],
      ]),
    }
    assert.equal(await store.write([put('a', '2'), put('b', '2')], right), true)
    assert.deepEqual((await store.getMany(['a', 'b'])).map(text), ['2', '2'])
  })

  it('keeps what was written over closing and opening, and closes twice', async () => {
    await store.write([put('a', '1')], anything)
    await store.close()
    await store.close()
    await store.open()
    assert.equal(text(await store.get('a')), '1')
  })

  it('says STORAGE_CLOSED when it is closed', async () => {
    await store.close()
    await assert.rejects(store.get('a'), { code: 'STORAGE_CLOSED' })
    await assert.rejects(store.getMany(['a']), { code: 'STORAGE_CLOSED' })
    await assert.rejects(store.range({ limit: 1 }), { code: 'STORAGE_CLOSED' })
    await assert.rejects(store.write([put('a', '1')], anything), { code: 'STORAGE_CLOSED' })
  })

  it('reclaims the space of what was removed without losing the rest', async () => {
    await store.write([put('a', '1'), put('b', '2')], anything)
    await store.write([del('a')], anything)
    await store.reclaim('a', 'b')
    assert.deepEqual(await keys({}), ['b'])
  })
}
