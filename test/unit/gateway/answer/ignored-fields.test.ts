import assert from 'node:assert/strict'
import { ignoredBy, MAX_IGNORED_NAMES } from '../../../../gateway/answer/ignored-fields.ts'

const KNOWN = { ownNode: 'here', reasons: (model: string) => model === 'thinker' }
const start = (engine: string, node = 'here', model = 'tiny') => ({ engine, node, model })
const asked = (...carried: readonly string[]) => ({ carried, dropped: ['store'] })

describe('the fields that have no effect', () => {
  it('are those that the engine leaves out, and those that none gets', () => {
    assert.deepEqual(ignoredBy(start('ollama'), asked('logit_bias', 'top_k'), KNOWN), ['logit_bias', 'store'])
    assert.deepEqual(ignoredBy(start('ollama'), { carried: [], dropped: [] }, KNOWN), [])
  })

  it('are at other nodes also those that stay at home', () => {
    assert.deepEqual(ignoredBy(start('openai'), asked('user'), KNOWN), ['store'])
    assert.deepEqual(ignoredBy(start('openai', 'there'), asked('user'), KNOWN), ['user', 'store'])
  })

  it('are not guessed of a kind that only a newer node knows', () => {
    assert.deepEqual(ignoredBy(start('engine-of-tomorrow'), asked('logit_bias'), KNOWN), ['store'])
  })

  it('are the effort of a model that does not think', () => {
    const effort = asked('reasoning_effort')
    assert.deepEqual(ignoredBy(start('ollama'), effort, KNOWN), ['reasoning_effort', 'store'])
    assert.deepEqual(ignoredBy(start('ollama', 'here', 'thinker'), effort, KNOWN), ['store'])
  })

  it('are named up to a bound', () => {
    const dropped = Array.from({ length: 100 }, (_, i) => `made_up_${i}`)
    assert.equal(ignoredBy(start('ollama'), { carried: [], dropped }, KNOWN).length, MAX_IGNORED_NAMES)
  })
})
