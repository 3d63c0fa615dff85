import assert from 'node:assert/strict'
import { defined } from '../../../core/defined.ts'

describe('defined', () => {
  it('leaves out what is undefined, and nothing else', () => {
    const fields = defined({ a: undefined, b: null, c: 0, d: '', e: false })
    assert.deepEqual(Object.keys(fields), ['b', 'c', 'd', 'e'])
  })
})
