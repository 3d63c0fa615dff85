import assert from 'node:assert/strict'
import { argumentsOf, inputOf } from '../../../../../../gateway/openai/responses/asked/custom-tools.ts'

describe('the input of a custom tool', () => {
  it('is the same text behind a function', () => {
    for (const input of ['', '*** Begin Patch\n"x" \\ 🚀']) assert.equal(inputOf(argumentsOf(input)), input)
  })

  it('is what the model wrote where that is no such function', () => {
    for (const written of ['plain words', '{"input":7}', '[1]', 'null', '{"other":"x"}']) {
      assert.equal(inputOf(written), written)
    }
  })
})
