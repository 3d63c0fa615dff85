import assert from 'node:assert/strict'
import { ENGINE_KINDS, type EngineKind } from '../../../../core/model/engine-kind.ts'
import {
  fateOf,
  isSetting,
  mayTravel,
  REQUEST_FIELDS,
  refusedSetting,
  settingsFor,
  travelling,
  wrongShape,
} from '../../../../core/model/request-fields.ts'

const KINDS = Object.keys(ENGINE_KINDS) as readonly EngineKind[]

/** What OpenAI’s page of chat completions lists, and of text completions. */
const OPENAI =
  'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options prompt best_of echo suffix input dimensions encoding_format size quality style background moderation output_compression output_format partial_images'

describe('the table of request fields', () => {
  it('has a row for each field of OpenAI', () => {
    assert.deepEqual(
      OPENAI.split(' ').filter((field) => !Object.hasOwn(REQUEST_FIELDS, field)),
      [],
    )
  })

  it('has an answer for every field and kind', () => {
    for (const field of Object.keys(REQUEST_FIELDS)) {
      for (const kind of KINDS) assert.match(fateOf(field, kind), /^(passed|ignored|refused)$/)
    }
    assert.equal(fateOf('wishful', 'openai'), 'ignored')
  })

  it('gives an engine the settings of its kind only', () => {
    const settings = { mirostat: 2, num_ctx: 8192, keep_alive: '5m', min_tokens: 3, logit_bias: { '1': -100 } }
    assert.deepEqual(Object.keys(settingsFor('ollama', settings)), ['mirostat', 'num_ctx', 'keep_alive'])
    assert.deepEqual(Object.keys(settingsFor('vllm', settings)), ['min_tokens', 'logit_bias'])
    assert.deepEqual(settingsFor('anthropic', settings), {})
  })

  it('refuses for an engine what would change the answer, and not a mere wish', () => {
    assert.equal(refusedSetting('ollama', { logit_bias: {}, grammar: 'root ::= "a"' }), 'grammar')
    assert.equal(refusedSetting('llama-server', { logit_bias: {}, grammar: 'root ::= "a"' }), undefined)
    assert.equal(refusedSetting('anthropic', { logit_bias: {} }), undefined)
  })

  it('keeps at home who asks, and what is the business of a machine’s owner', () => {
    assert.deepEqual(travelling({ user: 'bob', num_ctx: 1, keep_alive: -1, mirostat: 1 }), { mirostat: 1 })
    assert.deepEqual([fateOf('user', 'openai'), fateOf('user', 'openai', false)], ['passed', 'ignored'])
    assert.deepEqual([mayTravel('grammar'), mayTravel('user'), mayTravel('model')], [true, false, false])
    assert.deepEqual([isSetting('user'), isSetting('model'), isSetting('toString')], [true, false, false])
  })

  it('knows the shape of a setting', () => {
    assert.equal(wrongShape('mirostat', '2'), 'number')
    assert.equal(wrongShape('logit_bias', [1]), 'object')
    assert.equal(wrongShape('grammar', 'root ::= "a"'), undefined)
  })
})
