import assert from 'node:assert/strict'
import { hasMoreValues } from '../../../../core/json/json-values.ts'

const values = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 1
    : 1 + Object.values(value).reduce((sum: number, inner) => sum + values(inner), 0)

describe('the values of a JSON text', () => {
  const texts: readonly unknown[] = [
    7,
    'a, [ { text',
    { a: 'b\\', c: '\\"', d: ',{[' },
    [[], {}, [1, 2, [3]], 'x,y'],
    { 'key, with [': { deep: ['"', '\\\\"'] } },
  ]
  for (const value of texts) {
    const text = JSON.stringify(value)
    it(`are never fewer than counted in ${text}`, () => {
      assert.equal(hasMoreValues(Buffer.from(text), 2 * values(value)), false)
    })
  }

  it('are counted outside of texts only', () => {
    assert.equal(hasMoreValues(Buffer.from(JSON.stringify({ text: ',[{"\\'.repeat(1_000) })), 2), false)
    assert.equal(hasMoreValues(Buffer.from(JSON.stringify([1, 2, 3])), 3), true)
  })

  it('may be counted in a text that is cut', () => {
    for (const text of ['', '"', '{"a', '["\\', '"\\\\\\']) assert.equal(hasMoreValues(Buffer.from(text), 9), false)
  })
})
