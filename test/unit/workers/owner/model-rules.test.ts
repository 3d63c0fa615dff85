import assert from 'node:assert/strict'
import { type ModelRules, modelAllowed, vouchedModels } from '../../../../workers/owner/model-rules.ts'

describe('modelAllowed', () => {
  const ROWS: readonly [ModelRules | undefined, string, boolean][] = [
    [undefined, 'any', true],
    [{}, 'any', true],
    [{ allow: [] }, 'any', true],
    [{ allow: ['Llama3'] }, 'llama3:latest', true],
    [{ allow: ['llama3'] }, 'llama3:8b', false],
    [{ allow: ['llama3*'] }, 'llama3:8b', true],
    [{ allow: ['*'] }, 'any', true],
    [{ allow: ['*:8b'] }, 'llama3:8b', true],
    [{ allow: ['q*2*b'] }, 'qwen2:7b', true],
    [{ allow: ['q*2*b'] }, 'qwen2:7', false],
    [{ allow: ['ab*ba'] }, 'aba', false],
    [{ allow: ['a*bc*bc'] }, 'abc', false],
    [{ deny: ['*uncensored*'] }, 'x-Uncensored:7b', false],
    [{ allow: ['x'], deny: ['x'] }, 'x', false],
  ]
  for (const [rules, name, expected] of ROWS) {
    it(`${JSON.stringify(rules)} ${expected ? 'allows' : 'denies'} ${name}`, () => {
      assert.equal(modelAllowed(rules, name), expected)
    })
  }
})

describe('vouchedModels', () => {
  it('are those that are allowed by their full names', () => {
    assert.deepEqual(vouchedModels({ allow: ['tiny', 'llama*', '*'] }), ['tiny'])
    assert.deepEqual(vouchedModels(undefined), [])
  })
})
