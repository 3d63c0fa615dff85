import assert from 'node:assert/strict'
import { canonicalModelName, isAutoModel, sameModel, unalias } from '../../../../core/model/model-name.ts'

describe('names of models', () => {
  it('are compared without case, blanks and the tag latest', () => {
    assert.equal(canonicalModelName(' Llama3:Latest '), 'llama3')
    assert.ok(sameModel('llama3', 'LLAMA3:latest'))
    assert.ok(!sameModel('llama3', 'llama3:8b'))
  })

  it('leave the choice open when there is none, or auto', () => {
    assert.deepEqual(['', 'auto', 'automatic'].map(isAutoModel), [true, true, false])
  })
})

describe('unalias', () => {
  it('finds the model behind a name, whatever its case and tag', () => {
    const aliases = { 'GPT-4o': 'llama3:8b', 'llama3:8b': 'another' }
    assert.equal(unalias(aliases, 'gpt-4o:latest'), 'llama3:8b')
    assert.equal(unalias(aliases, 'gpt-4'), undefined)
    assert.equal(unalias(undefined, 'gpt-4'), undefined)
  })
})
