import assert from 'node:assert/strict'
import { lineRequest, MAX_CUSTOM_ID } from '../../../../../../gateway/openai/batches/lines/line-request.ts'

const LINE = { custom_id: 'a', method: 'POST', url: '/v1/x', body: { any: 1 } }

describe('a line of a batch', () => {
  it('says what it asks', () => {
    assert.deepEqual(lineRequest({ ...LINE, more: true }), LINE)
  })

  for (const [param, value] of [
    ['custom_id', { ...LINE, custom_id: '' }],
    ['custom_id', { ...LINE, custom_id: 'x'.repeat(MAX_CUSTOM_ID + 1) }],
    ['method', { ...LINE, method: 'GET' }],
    ['url', { ...LINE, url: 7 }],
    ['body', { ...LINE, body: 'text' }],
    ['line', [LINE]],
    ['line', null],
  ] as const) {
    it(`is none with ${JSON.stringify(value)?.slice(0, 60)}`, () => {
      assert.throws(() => lineRequest(value), { code: 'BAD_REQUEST', param })
    })
  }
})
