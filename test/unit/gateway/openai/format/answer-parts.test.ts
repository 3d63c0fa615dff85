import assert from 'node:assert/strict'
import type { RouteReceipt } from '../../../../../core/query/receipt.ts'
import { extrasOf } from '../../../../../gateway/answer/extras.ts'
import { openAiErrorBody, openAiUsage } from '../../../../../gateway/openai/format/answer-parts.ts'

describe('openAiUsage', () => {
  it('adds up, and is zeros where the engine did not count', () => {
    assert.deepEqual(openAiUsage({ promptTokens: 3, completionTokens: 4 }), {
      prompt_tokens: 3,
      completion_tokens: 4,
      total_tokens: 7,
    })
    assert.equal(openAiUsage(undefined).total_tokens, 0)
  })

  it('keeps what the engine tells of its cache and of thinking', () => {
    const usage = openAiUsage({ promptTokens: 3, completionTokens: 4, cachedTokens: 2, reasoningTokens: 0 })
    assert.deepEqual(usage.prompt_tokens_details, { cached_tokens: 2 })
    assert.deepEqual(usage.completion_tokens_details, { reasoning_tokens: 0 })
  })
})

describe('extrasOf', () => {
  const receipt = { id: 'q' } as RouteReceipt
  const end = { kind: 'end', finishReason: 'stop' } as const

  it('is there only when there is something to add', () => {
    assert.equal(extrasOf(undefined, true), undefined)
    assert.equal(extrasOf(end, true), undefined)
    assert.equal(extrasOf({ ...end, receipt }, false), undefined)
    assert.deepEqual(extrasOf({ ...end, receipt, sources: ['a'] }, false), { sources: ['a'] })
    assert.deepEqual(extrasOf({ ...end, receipt }, true), { receipt })
  })
})

describe('openAiErrorBody', () => {
  const problem = {
    status: 400,
    type: 'invalid_request_error',
    code: 'bad_request',
    message: 'no',
    headers: {},
  } as const

  it('puts the fix into the message, which is all that clients show', () => {
    assert.deepEqual(JSON.parse(openAiErrorBody({ ...problem, fix: 'do it', param: 'stop' })), {
      error: { message: 'no. Fix: do it', type: 'invalid_request_error', param: 'stop', code: 'bad_request' },
    })
    assert.equal(JSON.parse(openAiErrorBody(problem)).error.param, null)
  })
})
