import assert from 'node:assert/strict'
import { ollamaChatBody, ollamaRequest } from '../../../../engines/ollama/ollama-request.ts'
import { fullChat } from '../../../support/full-chat.ts'
import { chatQuery } from '../../../support/query.ts'

const ABLE = { reasons: true }

describe('ollamaChatBody', () => {
  it('carries everything', () => {
    assert.deepEqual(ollamaChatBody(fullChat({ think: 'low', responseFormat: { type: 'json' } }), ABLE), {
      model: 'm',
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'weather?', images: ['QUJD'] },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'c1', function: { name: 'weather', arguments: { place: 'Łódź' } } }],
        },
        { role: 'tool', content: 'sunny', tool_name: 'weather', tool_call_id: 'c1' },
      ],
      stream: true,
      truncate: false,
      shift: false,
      tools: [{ type: 'function', function: { name: 'weather', description: 'asks', parameters: { type: 'object' } } }],
      format: 'json',
      think: 'low',
      options: { num_predict: 9, temperature: 0.5, top_p: 0.9, top_k: 40, seed: 3, stop: ['x'] },
    })
  })

  it('passes on the settings that Ollama has', () => {
    const settings = { mirostat: 2, num_ctx: 64, keep_alive: '1h', logit_bias: { '1': 1 } }
    const body = ollamaChatBody(chatQuery({ body: { messages: [], settings } }), ABLE)
    assert.deepEqual([body['options'], body['keep_alive']], [{ mirostat: 2, num_ctx: 64 }, '1h'])
  })

  it('goes on with a text as it is, or fills in between two', () => {
    const raw = { prompt: 'The sea ' }
    const query = (more: object) => chatQuery({ model: 'm', body: { messages: [], raw, think: false, ...more } })
    const common = { model: 'm', stream: true, truncate: false, shift: false }
    assert.deepEqual(ollamaRequest(query({ prefill: 'is', logprobs: 2 }), ABLE), {
      path: '/api/generate',
      body: { ...common, prompt: 'The sea is', raw: true, logprobs: true, top_logprobs: 2 },
    })
    assert.deepEqual(ollamaRequest(query({ raw: { ...raw, suffix: '.' } }), ABLE).body, {
      ...common,
      prompt: 'The sea ',
      suffix: '.',
    })
    assert.equal(ollamaRequest(chatQuery(), ABLE).path, '/api/chat')
  })

  it('names no context, because another one than the loaded one loads the model again', () => {
    const body = ollamaChatBody(chatQuery(), ABLE)
    assert.equal('options' in body, false)
  })

  it('does not ask a model to think that cannot', () => {
    assert.equal('think' in ollamaChatBody(fullChat({ think: true }), { reasons: false }), false)
  })

  it('leaves tools out that must not be called, and refuse to force one', () => {
    assert.equal('tools' in ollamaChatBody(fullChat({ toolChoice: 'none' }), ABLE), false)
    assert.throws(() => ollamaChatBody(fullChat({ toolChoice: 'required' }), ABLE), { code: 'CAPABILITY_MISSING' })
  })

  it('refuses arguments that are no object', () => {
    for (const text of ['{', '[1]', '"x"']) {
      const messages = [
        { role: 'assistant' as const, content: '', toolCalls: [{ id: 'c', name: 'f', arguments: text }] },
      ]
      assert.throws(() => ollamaChatBody(fullChat({ messages }), ABLE), { code: 'BAD_REQUEST' })
    }
  })
})
