import assert from 'node:assert/strict'
import { BatchView } from '../../../../storage/shard/transaction.ts'

const decode = (_: string, bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString())
const stored = (rows: Readonly<Record<string, object | undefined>>): Map<string, Uint8Array | undefined> =>
  new Map(Object.entries(rows).map(([key, row]) => [key, row && Buffer.from(JSON.stringify(row))]))

describe('the view of a batch', () => {
  it('shows each transaction what those before it wrote and removed', () => {
    const view = new BatchView(stored({ a: { n: 1 }, b: { n: 2 } }), decode)
    view.run({ reads: [], apply: (batch) => batch.write('a', { n: 10 }) })
    view.run({ reads: [], apply: (batch) => batch.remove('b') })
    const seen = view.run({ reads: [], apply: (batch) => [batch.read('a'), batch.read('b')] })
    assert.deepEqual(seen, [{ n: 10 }, undefined])
  })

  it('is as it was before a transaction that throws', () => {
    const view = new BatchView(stored({ a: { n: 1 } }), decode)
    view.run({ reads: [], apply: (batch) => batch.write('a', { n: 2 }) })
    const bad = {
      reads: [],
      apply: (batch: BatchView) => {
        batch.write('a', { n: 3 })
        batch.create('new', {})
        batch.write('a', { n: 4 })
        throw new Error('no')
      },
    }
    assert.throws(() => view.run(bad as never), /no/)
    assert.deepEqual([...view.writes], [['a', { value: { n: 2 }, fresh: false }]])
  })

  it('refuses a key that was not named', () => {
    const view = new BatchView(stored({ a: undefined }), decode)
    assert.equal(view.read('a'), undefined)
    assert.throws(() => view.read('b'), /had not named/)
  })

  it('decodes a record once, however often it is read', () => {
    let decoded = 0
    const view = new BatchView(stored({ a: { n: 1 } }), (key, bytes) => {
      decoded += 1
      return decode(key, bytes)
    })
    assert.equal(view.read('a'), view.read('a'))
    assert.equal(decoded, 1)
  })

  it('remembers that a created key held nothing, whatever follows', () => {
    const view = new BatchView(stored({}), decode)
    view.create('a', { n: 1 })
    view.write('a', { n: 2 })
    assert.deepEqual(view.writes.get('a'), { value: { n: 2 }, fresh: true })
  })
})
