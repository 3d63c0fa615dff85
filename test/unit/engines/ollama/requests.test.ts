import assert from 'node:assert/strict'
import type { ChatBody } from '../../../../core/query/query.ts'
import { ollamaModel, runsElsewhere } from '../../../../engines/ollama/ollama-models.ts'
import { ollamaChatBody } from '../../../../engines/ollama/ollama-request.ts'
import { OPENAI_FLAVOURS, type OpenAiKind } from '../../../../engines/openai/openai-flavours.ts'
import { openAiChatBody } from '../../../../engines/openai/openai-request.ts'
import { chatQuery } from '../../../support/query.ts'

const FULL: ChatBody = {
  messages: [
    { role: 'system', content: 'be brief' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'weather?' },
        { type: 'image', mediaType: 'image/png', data: 'QUJD' },
      ],
    },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'weather', arguments: '{"place":"Łódź"}' }] },
    { role: 'tool', content: 'sunny', toolCallId: 'c1', toolName: 'weather' },
  ],
  tools: [{ name: 'weather', description: 'asks', parameters: { type: 'object' } }],
  sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 3, stop: ['x'], maxTokens: 9 },
}

const ABLE = { reasons: true }
const ask = (body: Partial<ChatBody>) => chatQuery({ model: 'm', body: { ...FULL, ...body } })

describe('requests in Ollama\u2019s words', () => {
  it('carry everything', () => {
    assert.deepEqual(ollamaChatBody(ask({ think: 'low', responseFormat: { type: 'json' } }), ABLE), {
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

  it('name no context, because another one than the loaded one loads the model again', () => {
    const body = ollamaChatBody(chatQuery(), ABLE)
    assert.equal('options' in body, false)
  })

  it('do not ask a model to think that cannot', () => {
    assert.equal('think' in ollamaChatBody(ask({ think: true }), { reasons: false }), false)
  })

  it('leave tools out that must not be called, and refuse to force one', () => {
    assert.equal('tools' in ollamaChatBody(ask({ toolChoice: 'none' }), ABLE), false)
    assert.throws(() => ollamaChatBody(ask({ toolChoice: 'required' }), ABLE), { code: 'CAPABILITY_MISSING' })
  })

  it('refuse arguments that are no object', () => {
    for (const text of ['{', '[1]', '"x"']) {
      const messages = [
        { role: 'assistant' as const, content: '', toolCalls: [{ id: 'c', name: 'f', arguments: text }] },
      ]
      assert.throws(() => ollamaChatBody(ask({ messages }), ABLE), { code: 'BAD_REQUEST' })
    }
  })

  it('know what a model can do, and the context that is loaded before the one it was trained for', () => {
    const show = {
      capabilities: ['completion', 'tools'],
      model_info: { 'qwen.context_length': 32_768 },
      template: '{{ .Prompt }}{{ .Response }}',
    }
    const entry = {
      name: 'q',
      digest: 'd',
      details: { parameter_size: '7B', quantization_level: 'Q4_K_M', family: 'qwen' },
    }
    assert.deepEqual(ollamaModel(entry, show, 4096), {
      name: 'q',
      types: ['chat'],
      capabilities: { vision: false, tools: true, reasoning: false, structured: true, prefill: true },
      contextLength: 4096,
      quantization: 'Q4_K_M',
      parameterSize: '7B',
      family: 'qwen',
      digest: 'd',
    })
    assert.equal(ollamaModel({}, {}, undefined), undefined)
  })

  it('tell no more context than will surely be there', () => {
    const entry = { name: 'q' }
    const told = (show: object, loaded?: number) => ollamaModel(entry, { ...show }, loaded)?.contextLength
    const model_info = { 'qwen.context_length': 32_768 }
    const parameters = 'num_thread                     1\nnum_ctx                        128\nstop "x"'
    assert.equal(told({ model_info }), 4_096)
    assert.equal(told({ model_info: { 'tiny.context_length': 2_048 } }), 2_048)
    assert.equal(told({ model_info, parameters }), 128)
    assert.equal(told({ model_info, parameters }, 8_192), 8_192)
    assert.equal(told({}), undefined)
  })

  it('leave out models of somebody\u2019s cloud', () => {
    assert.equal(runsElsewhere({ name: 'big:cloud', remote_host: 'https://example.com' }), true)
    assert.equal(runsElsewhere({ name: 'small' }), false)
  })
})

const KNOWN = { id: 'm', contextLength: 100, reasons: true }

describe('requests in OpenAI\u2019s words', () => {
  it('carry everything', () => {
    const body = openAiChatBody(ask({ toolChoice: { name: 'weather' } }), OPENAI_FLAVOURS.openai, KNOWN)
    assert.deepEqual(body, {
      model: 'm',
      messages: [
        { role: 'system', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'weather?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"place":"Łódź"}' } }],
        },
        { role: 'tool', content: 'sunny', tool_call_id: 'c1' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      seed: 3,
      stop: ['x'],
      tools: [{ type: 'function', function: { name: 'weather', description: 'asks', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'weather' } },
    })
  })

  const prefills: readonly [OpenAiKind, object][] = [
    ['vllm', { continue_final_message: true, add_generation_prompt: false }],
    ['llama-server', { chat_template_kwargs: { enable_thinking: false } }],
    ['lm-studio', {}],
  ]
  for (const [kind, extra] of prefills) {
    it(`make ${kind} go on behind a given start`, () => {
      const body = openAiChatBody(chatQuery({ body: { messages: [], prefill: 'the ' } }), OPENAI_FLAVOURS[kind], KNOWN)
      assert.deepEqual(body['messages'], [{ role: 'assistant', content: 'the ' }])
      for (const [key, value] of Object.entries(extra)) assert.deepEqual(body[key], value)
    })
  }

  it('say in each engine\u2019s own word what may not repeat', () => {
    const query = chatQuery({ body: { messages: [], sampling: { repeatPenalty: 1.1 } } })
    assert.equal(openAiChatBody(query, OPENAI_FLAVOURS.vllm, KNOWN)['repetition_penalty'], 1.1)
    assert.equal(openAiChatBody(query, OPENAI_FLAVOURS['llama-server'], KNOWN)['repeat_penalty'], 1.1)
  })

  it('ask for thinking only where there is some, and may always say that there be none', () => {
    const query = (think: true | false | 'low') => chatQuery({ body: { messages: [], think } })
    const body = (think: true | false | 'low', reasons: boolean) =>
      openAiChatBody(query(think), OPENAI_FLAVOURS.vllm, { ...KNOWN, reasons })
    assert.equal(body('low', true)['reasoning_effort'], 'low')
    assert.equal(body('low', false)['reasoning_effort'], undefined)
    assert.equal(body(true, false)['chat_template_kwargs'], undefined)
    assert.deepEqual(body(false, false)['chat_template_kwargs'], { enable_thinking: false })
  })

  it('leave out a limit that the context sets anyhow, where the engine refuses it', () => {
    const query = (maxTokens: number) => chatQuery({ body: { messages: [], sampling: { maxTokens } } })
    assert.equal(openAiChatBody(query(99), OPENAI_FLAVOURS.vllm, KNOWN)['max_tokens'], 99)
    assert.equal(openAiChatBody(query(100), OPENAI_FLAVOURS.vllm, KNOWN)['max_tokens'], undefined)
    assert.equal(openAiChatBody(query(100), OPENAI_FLAVOURS['llama-server'], KNOWN)['max_tokens'], 100)
  })
})
