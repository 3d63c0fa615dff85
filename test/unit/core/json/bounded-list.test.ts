import assert from 'node:assert/strict'
import { z } from 'zod'
import { checkValue } from '../../../../core/check-value.ts'
import { boundedList } from '../../../../core/json/bounded-list.ts'

describe('a bounded list', () => {
  let looked = 0
  const item = z.object({ role: z.string() }).superRefine(() => {
    looked += 1
  })
  const schema = z.object({ messages: boundedList(item, { min: 1, max: 3 }) })
  const wrong = (messages: unknown): string => {
    try {
      checkValue(schema, { messages })
    } catch (error) {
      return String(error instanceof Error ? error.message : error)
    }
    return ''
  }
  beforeEach(() => {
    looked = 0
  })

  it('gives what its items give', () => {
    assert.deepEqual(checkValue(schema, { messages: [{ role: 'user', more: 1 }] }), { messages: [{ role: 'user' }] })
  })

  it('is measured before an item is looked at', () => {
    assert.equal(
      wrong([{ role: 'a' }, { role: 'b' }, { role: 'c' }, { role: 'd' }]),
      'messages: expected at most 3 items, received 4',
    )
    assert.equal(wrong([]), 'messages: expected 1 or more items')
    assert.equal(looked, 0)
  })

  it('stops at the first item that is wrong, and names it', () => {
    const issues = schema.safeParse({ messages: [{ role: 'a' }, {}, { role: 7 }] }).error?.issues
    assert.deepEqual(
      issues?.map(({ path }) => path),
      [['messages', 1, 'role']],
    )
    assert.equal(looked, 1)
  })

  it('is a list', () => {
    for (const value of [undefined, null, 'text', 7, { length: 1 }])
      assert.equal(wrong(value), 'messages: expected array')
  })
})
