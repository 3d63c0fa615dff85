import assert from 'node:assert/strict'
import {
  engineErrorText,
  MAX_ENGINE_MESSAGE_LENGTH,
  retryAfterMs,
  sanitizeEngineText,
  statusError,
  streamedError,
} from '../../../../engines/http/http-errors.ts'

describe('what an engine refuses', () => {
  const table: readonly [number, unknown, string, boolean][] = [
    [429, { error: { message: 'slow down' } }, 'ENGINE_BUSY', true],
    [503, { error: 'server busy, please try again' }, 'ENGINE_BUSY', true],
    [503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'ENGINE_BUSY', true],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'ENGINE_BUSY', true],
    [404, { error: "model 'x' not found" }, 'MODEL_NOT_FOUND', true],
    [404, { error: { message: 'The model `x` does not exist.' } }, 'MODEL_NOT_FOUND', true],
    [404, 'Not Found', 'ENGINE_FAILED', false],
    [400, { error: { message: "This model's maximum context length is 4096 tokens" } }, 'CONTEXT_TOO_LONG', false],
    [
      400,
      { error: { type: 'exceed_context_size_error', message: 'the request exceeds the available context size' } },
      'CONTEXT_TOO_LONG',
      false,
    ],
    [400, { error: 'the input length exceeds the context length' }, 'CONTEXT_TOO_LONG', false],
    [
      400,
      { type: 'error', error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } },
      'CONTEXT_TOO_LONG',
      false,
    ],
    [413, 'too large', 'PROMPT_TOO_LARGE', false],
    [400, { error: 'tiny does not support tools' }, 'CAPABILITY_MISSING', false],
    [400, { error: { message: 'temperature must be positive' } }, 'ENGINE_FAILED', false],
    [401, { error: { message: 'invalid key' } }, 'ENGINE_FAILED', false],
    [422, { detail: [{ msg: 'field required' }] }, 'ENGINE_FAILED', false],
    [500, { error: 'llama runner process has terminated' }, 'ENGINE_FAILED', true],
    [502, '<html>bad gateway</html>', 'ENGINE_FAILED', true],
  ]
  for (const [status, body, code, retryable] of table) {
    it(`is ${code} for ${status} with ${JSON.stringify(body).slice(0, 60)}`, () => {
      const error = statusError('stub', status, {}, body)
      assert.deepEqual([error.code, error.retryable], [code, retryable])
    })
  }

  it('carries how long to wait', () => {
    assert.equal(statusError('stub', 429, { 'retry-after': '3' }, '').retryAfterMs, 3_000)
    assert.equal(statusError('stub', 429, {}, '').retryAfterMs, undefined)
    assert.equal(retryAfterMs({ 'retry-after-ms': '250', 'retry-after': '9' }, 0), 250)
    assert.equal(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 1970 00:00:05 GMT' }, 1_000), 4_000)
    assert.equal(retryAfterMs({ 'retry-after': 'soon' }, 0), undefined)
    assert.equal(retryAfterMs({ 'retry-after': '99999999' }, 0), 600_000)
  })

  it('tells an overload from a failure inside a stream', () => {
    assert.equal(streamedError('stub', { error: { message: 'Overloaded' } }).code, 'ENGINE_BUSY')
    assert.equal(streamedError('stub', { error: 'CUDA error' }).code, 'ENGINE_FAILED')
  })

  it('passes on a few clean words and never more', () => {
    assert.equal(sanitizeEngineText('a\u0007b\r\nc\u001b[31m'), 'a b c [31m')
    assert.equal(sanitizeEngineText('x'.repeat(5_000)).length, MAX_ENGINE_MESSAGE_LENGTH)
    assert.equal(engineErrorText({ error: { message: 'deep' } }), 'deep')
    assert.equal(engineErrorText({ nothing: 1 }), '')
  })
})
