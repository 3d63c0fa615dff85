import assert from 'node:assert/strict'
import type { EmbedQuery } from '../../../../core/query/query.ts'
import { embeddingEvents } from '../../../../engines/adapter/embedding-events.ts'
import { chatQuery } from '../../../support/query.ts'

const query: EmbedQuery = { ...chatQuery(), type: 'embed', body: { inputs: ['a', 'b'] } }

describe('embeddingEvents', () => {
  it('gives one vector per input and then the end with what was counted', () => {
    const events = [...embeddingEvents('ollama', query, [[1, 2], [3]], 9)]
    assert.deepEqual(events, [
      { kind: 'embedding', index: 0, vector: Float32Array.of(1, 2) },
      { kind: 'embedding', index: 1, vector: Float32Array.of(3) },
      { kind: 'end', finishReason: 'stop', usage: { promptTokens: 9, completionTokens: 0 } },
    ])
  })

  for (const vectors of [undefined, {}, [[1]], [[1], [2], [3]], [[1], []], [[1], ['2']], [[1], null], [[1], [1e39]]]) {
    it(`refuses ${JSON.stringify(vectors)} for two inputs`, () => {
      assert.throws(() => [...embeddingEvents('ollama', query, vectors, undefined)], { code: 'ENGINE_GARBAGE' })
    })
  }

  it('gives no vectors of another length than was asked for', () => {
    const asked = { ...query, body: { ...query.body, dimensions: 2 } }
    assert.equal(
      [
        ...embeddingEvents(
          'ollama',
          asked,
          [
            [1, 2],
            [3, 4],
          ],
          1,
        ),
      ].length,
      3,
    )
    assert.throws(
      () => [
        ...embeddingEvents(
          'ollama',
          asked,
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          1,
        ),
      ],
      {
        code: 'CAPABILITY_MISSING',
        message: /3 numbers, not of 2 \(dimensions\)/,
      },
    )
  })
})
