import assert from 'node:assert/strict'
import { goDuration, LIMIT_HEADERS, limitHeaders } from '../../../../gateway/allowance/limit-headers.ts'

describe('the headers of limits', () => {
  const spans: readonly (readonly [number, string])[] = [
    [0, '0ms'],
    [120, '120ms'],
    [7_660, '7.66s'],
    [60_000, '1m0s'],
    [179_560, '2m59.56s'],
    [83_400_000, '23h10m0s'],
  ]
  for (const [ms, text] of spans) {
    it(`write ${ms} ms as OpenAI does: ${text}`, () => {
      assert.equal(goDuration(ms), text)
    })
  }

  it('say nothing of what is not limited', () => {
    assert.deepEqual(limitHeaders({ requests: undefined, tokens: { limit: 9, remaining: 3, resetMs: 5 } }), {
      'x-ratelimit-limit-tokens': '9',
      'x-ratelimit-remaining-tokens': '3',
      'x-ratelimit-reset-tokens': '5ms',
    })
  })

  it('are all among those that pages may read', () => {
    const state = { limit: 1, remaining: 1, resetMs: 1 }
    assert.deepEqual(Object.keys(limitHeaders({ requests: state, tokens: state })), LIMIT_HEADERS)
  })
})
