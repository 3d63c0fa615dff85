import assert from 'node:assert/strict'
import { batchSchema, windowMs } from '../../../../../gateway/openai/batches/batch-schema.ts'

describe('the body of a new batch', () => {
  for (const [text, ms] of [
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['1m', 60_000],
    ['8d', undefined],
    ['0h', undefined],
    ['24', undefined],
    ['1e3h', undefined],
    [' 24h', undefined],
  ] as const) {
    it(`has ${ms === undefined ? 'no time' : `${ms} ms`} in ${JSON.stringify(text)}`, () => {
      assert.equal(windowMs(text), ms)
    })
  }

  it('names an endpoint that a batch may ask', () => {
    const body = { input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h' }
    assert.equal(batchSchema.safeParse(body).success, true)
    assert.equal(batchSchema.safeParse({ ...body, endpoint: 'constructor' }).success, false)
    assert.equal(batchSchema.safeParse({ ...body, metadata: { a: 1 } }).success, false)
  })
})
