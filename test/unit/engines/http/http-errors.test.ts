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
    [503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'ENGINE_LOADING', true],
    [503, { error: 'Model gpt2 is currently loading', estimated_time: 20 }, 'ENGINE_LOADING', true],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'ENGINE_BUSY', true],
    [404, { error: "model 'x' not found" }, 'MODEL_NOT_FOUND', true],
    [404, { error: { message: 'The model `x` does not exist.' } }, 'MODEL_NOT_FOUND', true],
    [404, 'Not Found', 'CAPABILITY_MISSING', false],
    [405, { detail: 'Method Not Allowed' }, 'CAPABILITY_MISSING', false],
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
    [400, { error: { message: 'temperature must be positive' } }, 'BAD_REQUEST', false],
    [400, { error: { code: 400, message: 'failed: cannot resolve $ref #/nope/x' } }, 'BAD_REQUEST', false],
    [400, { error: { message: 'Conversation roles must alternate user/assistant' } }, 'BAD_REQUEST', false],
    [500, { error: { message: 'Conversation roles must alternate user/assistant' } }, 'BAD_REQUEST', false],
    [500, { error: { message: 'failed to parse grammar' } }, 'BAD_REQUEST', false],
    [400, { error: { message: 'Input content cannot be empty' } }, 'BAD_REQUEST', false],
    [
      500,
      { error: { message: 'input (801 tokens) is too large to process. increase the physical batch size' } },
      'CONTEXT_TOO_LONG',
      false,
    ],
    [
      400,
      { error: { message: 'max_tokens=1500 cannot be greater than max_model_len=512. Please request fewer' } },
      'CONTEXT_TOO_LONG',
      false,
    ],
    [
      400,
      { error: { message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set' } },
      'CAPABILITY_MISSING',
      false,
    ],
    [
      501,
      { error: { code: 501, message: 'This server does not support embeddings. Start it with `--embeddings`' } },
      'CAPABILITY_MISSING',
      false,
    ],
    [
      500,
      { error: { message: 'image input is not supported - hint: provide the mmproj' } },
      'CAPABILITY_MISSING',
      false,
    ],
    [424, { error: 'Request failed during generation: Server error: CUDA' }, 'ENGINE_FAILED', true],
    [401, { error: { message: 'invalid key' } }, 'ENGINE_FAILED', false],
    [422, { detail: [{ msg: 'field required' }] }, 'BAD_REQUEST', false],
    [500, { error: 'llama runner process has terminated' }, 'ENGINE_FAILED', true],
    [500, { error: "model 'x' not found" }, 'ENGINE_FAILED', true],
    [502, '<html>bad gateway</html>', 'ENGINE_FAILED', true],
    [302, '', 'ENGINE_FAILED', false],
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

  it('believes the status that an error inside a stream states', () => {
    const refusal = { error: { message: 'the seed must be a number', type: 'BadRequestError', code: 400 } }
    assert.equal(streamedError('stub', refusal).code, 'BAD_REQUEST')
    assert.equal(streamedError('stub', { error: { message: 'no', type: 'invalid_request_error' } }).code, 'BAD_REQUEST')
    assert.equal(streamedError('stub', { error: { message: 'EngineCore died', code: 500 } }).code, 'ENGINE_FAILED')
    assert.equal(
      streamedError('stub', { error_type: 'BadRequestError', error_message: 'prompt too long' }).code,
      'CONTEXT_TOO_LONG',
    )
  })

  it('passes on a few clean words and never more', () => {
    assert.equal(sanitizeEngineText('a\u0007b\r\nc\u001b[31m'), 'a b c [31m')
    assert.equal(sanitizeEngineText('x'.repeat(5_000)).length, MAX_ENGINE_MESSAGE_LENGTH)
    assert.equal(engineErrorText({ error: { message: 'deep' } }), 'deep')
    assert.equal(engineErrorText({ nothing: 1 }), '')
  })
})
