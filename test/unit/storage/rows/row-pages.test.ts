import assert from 'node:assert/strict'
import { userRef } from '../../../../storage/rows/keys.ts'
import { rowPages } from '../../../../storage/rows/row-pages.ts'
import type { UserRecords } from '../../../../storage/rows/user-records.ts'
import type { StoreRange } from '../../../../storage/store/shard-store.ts'

const USER = userRef('me')

/** Rows under `p/`, between those of others; `asked` are the ranges that were read. */
function setUp(count: number) {
  const keys = ['o/z', ...Array.from({ length: count }, (_, i) => `p/${String(i).padStart(3, '0')}`), 'q/a']
  const asked: StoreRange[] = []
  const users: Pick<UserRecords, 'range'> = {
    range: async <T>(_user: typeof USER, range: StoreRange) => {
      asked.push(range)
      const { gte = '', lt = '~', limit } = range
      const within = keys.filter((key) => key >= gte && key < lt).slice(0, limit)
      return within.map((key) => ({ key, value: {} as T }))
    },
  }
  const pages = async (init: { readonly from?: string } = {}): Promise<readonly (readonly string[])[]> => {
    const all: string[][] = []
    for await (const page of rowPages(users, USER, { prefix: 'p/', size: 4, ...init })) {
      all.push(page.map(({ key }) => key))
    }
    return all
  }
  return { asked, pages }
}

describe('rows page by page', () => {
  for (const [count, sizes, reads] of [
    [0, [], 1],
    [3, [3], 1],
    [4, [4], 2],
    [9, [4, 4, 1], 3],
  ] as const) {
    it(`are all there, each once, in order, and nothing else is: ${count} rows`, async () => {
      const { asked, pages } = setUp(count)
      const read = await pages()
      assert.deepEqual(
        read.map(({ length }) => length),
        sizes,
      )
      assert.deepEqual(
        read.flat(),
        Array.from({ length: count }, (_, i) => `p/00${i}`),
      )
      assert.equal(asked.length, reads)
      assert.ok(asked.every(({ limit }) => limit === 4))
    })
  }

  it('begin where the reader wants', async () => {
    const { asked, pages } = setUp(9)
    assert.deepEqual(await pages({ from: 'p/007' }), [['p/007', 'p/008']])
    assert.equal(asked.length, 1)
  })
})
