import assert from 'node:assert/strict'
import { codeOf, messageOf } from '../../../core/thrown.ts'

const withCode = (code: unknown): Error => Object.assign(new Error('words'), { code })

describe('what was thrown', () => {
  it('has the code that the system, a library or we gave it', () => {
    assert.equal(codeOf(withCode('ENOENT')), 'ENOENT')
    assert.equal(codeOf(withCode(7)), '7')
  })

  it('has no code when it is no error, or one without', () => {
    for (const thrown of [new Error('x'), withCode(undefined), 'ENOENT', { code: 'ENOENT' }, undefined]) {
      assert.equal(codeOf(thrown), undefined)
    }
  })

  it('has words whatever it is', () => {
    assert.deepEqual([withCode('x'), 'text', 7, undefined].map(messageOf), ['words', 'text', '7', 'undefined'])
  })
})
