import assert from 'node:assert/strict'
import { z } from 'zod'
import { MAX_TOKENS_WANTED } from '../../../../core/query/query-limits.ts'
import { samplingFields, toSampling } from '../../../../gateway/fields/sampling.ts'

const schema = z.object(samplingFields)
const samplingOf = (body: object) => toSampling(schema.parse(body))

describe('toSampling', () => {
  it('is undefined when the client leaves everything to the engine', () => {
    for (const body of [{}, { temperature: null, stop: null }, { max_tokens: -1 }, { top_k: -1 }]) {
      assert.equal(samplingOf(body), undefined, JSON.stringify(body))
    }
  })

  it('translates every field, zeros too', () => {
    const body = {
      ...{ temperature: 0, top_p: 0.5, top_k: 0, min_p: 0, seed: 0, stop: ['a', 'b'], max_tokens: 0 },
      ...{ frequency_penalty: 0, presence_penalty: -2, repeat_penalty: 1.1 },
    }
    assert.deepEqual(samplingOf(body), {
      ...{ temperature: 0, topP: 0.5, topK: 0, minP: 0, seed: 0, stop: ['a', 'b'], maxTokens: 0 },
      ...{ frequencyPenalty: 0, presencePenalty: -2, repeatPenalty: 1.1 },
    })
  })

  it('takes one stop text as a list, and the newer name of the limit before the older', () => {
    assert.deepEqual(samplingOf({ stop: 'x', max_tokens: 5, max_completion_tokens: 9 }), { stop: ['x'], maxTokens: 9 })
  })

  it('takes numbers as large as programs write them', () => {
    const huge = { max_tokens: 16_777_216, seed: 2 ** 64 }
    const { maxTokens, seed } = samplingOf(huge) ?? {}
    assert.equal(maxTokens, MAX_TOKENS_WANTED)
    assert.ok(Number.isSafeInteger(seed))
    assert.equal(samplingOf(huge)?.seed, seed)
  })

  it('leaves out stop words that are empty, and takes those of an editor', () => {
    assert.equal(samplingOf({ stop: '' }), undefined)
    const words = Array.from({ length: 17 }, (_, i) => `<|${i}|>`)
    assert.deepEqual(samplingOf({ stop: [...words, ''] }), { stop: words })
  })

  for (const body of [{ temperature: 2.1 }, { top_p: -0.1 }, { seed: 1.5 }, { stop: [7] }, { max_tokens: 1.5 }]) {
    it(`refuses ${JSON.stringify(body)}`, () => {
      assert.equal(schema.safeParse(body).success, false)
    })
  }
})
