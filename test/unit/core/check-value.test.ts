import assert from 'node:assert/strict'
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'

const schema = z.strictObject({
  name: z.string(),
  items: z.array(z.object({ size: z.int('expected a whole number') })).default([]),
  mode: z.union([z.string(), z.object({ fast: z.boolean() })]).optional(),
})

describe('checkValue', () => {
  it('gives the value as the schema does, defaults filled in', () => {
    assert.deepEqual(checkValue(schema, { name: 'a' }), { name: 'a', items: [] })
  })

  const wrong: readonly (readonly [value: unknown, param: string])[] = [
    [{ name: 7 }, 'name'],
    [{ name: 'a', items: [{ size: 1 }, { size: 1.5 }] }, 'items[1].size'],
    [{ name: 'a', mode: { fast: 'yes' } }, 'mode.fast'],
    [{ name: 'a', mode: 7 }, 'mode'],
    [{ name: 'a', more: 1 }, 'body'],
    ['text', 'body'],
  ]
  for (const [value, param] of wrong) {
    it(`names ${param} of ${JSON.stringify(value)}`, () => {
      assert.throws(() => checkValue(schema, value), { code: 'BAD_REQUEST', param })
    })
  }

  it('shows how a value is written where the check says so', () => {
    const formed = z.string().refine((text) => text === 'a-1', { error: 'expected a name', params: { example: 'a-1' } })
    assert.throws(() => checkValue(formed, 'b'), { message: 'body: expected a name such as a-1' })
  })

  it('names a value that is itself a field, and what is wrong inside it', () => {
    assert.throws(() => checkValue(schema, undefined, 'worker'), { param: 'worker', message: /^worker: / })
    assert.throws(() => checkValue(schema, { name: 7 }, 'worker'), { param: 'worker.name' })
    assert.throws(() => checkValue(schema, { name: 'a', items: [{}] }, 'worker'), {
      param: 'worker.items[0].size',
      message: 'worker.items[0].size: expected a whole number',
    })
  })
})
