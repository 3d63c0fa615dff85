import assert from 'node:assert/strict'
import { listPage } from '../../../../../gateway/openai/format/list-page.ts'

const ITEMS = ['a', 'b', 'c'].map((id) => ({ id }))

describe('a page of a list', () => {
  it('begins behind the item that the client has, and says whether there are more', () => {
    const page = (limit: number, after?: string): object => listPage(ITEMS, { limit, after }, ({ id }) => ({ id }))
    assert.deepEqual(page(2), {
      object: 'list',
      data: [{ id: 'a' }, { id: 'b' }],
      first_id: 'a',
      last_id: 'b',
      has_more: true,
    })
    assert.deepEqual(page(2, 'b'), {
      object: 'list',
      data: [{ id: 'c' }],
      first_id: 'c',
      last_id: 'c',
      has_more: false,
    })
    assert.deepEqual(page(2, 'c'), { object: 'list', data: [], first_id: null, last_id: null, has_more: false })
    assert.throws(() => page(2, 'd'), { code: 'BAD_REQUEST', param: 'after' })
  })
})
