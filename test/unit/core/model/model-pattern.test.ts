import assert from 'node:assert/strict'
import { matchesModel } from '../../../../core/model/model-pattern.ts'

describe('a pattern of models', () => {
  const cases: readonly (readonly [pattern: string, name: string, meant: boolean])[] = [
    ['tiny', 'tiny', true],
    ['tiny', 'TINY:latest', true],
    ['tiny:latest', 'tiny', true],
    ['tiny', 'tiny:1b', false],
    ['tiny', 'tinyllama', false],
    ['llama3*', 'llama3.2:1b', true],
    ['llama3*', 'llama3', true],
    ['llama3*', 'xllama3', false],
    ['*:7b', 'qwen:7b', true],
    ['*:7b', 'qwen:7b-q4', false],
    ['qwen/*:7b', 'qwen/2.5:7b', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*', '', true],
    ['a.c', 'abc', false],
  ]
  for (const [pattern, name, meant] of cases) {
    it(`${pattern} ${meant ? 'means' : 'does not mean'} "${name}"`, () => {
      assert.equal(matchesModel([pattern], name), meant)
    })
  }

  it('is one of several, and none means nothing', () => {
    assert.equal(matchesModel(['a', 'b*'], 'bc'), true)
    assert.equal(matchesModel([], 'bc'), false)
  })
})
