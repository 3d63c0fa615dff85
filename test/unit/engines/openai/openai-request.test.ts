import assert from 'node:assert/strict'
import type { OpenAiKind } from '../../../../engines/openai/openai-flavours.ts'
import { OPENAI_FLAVOURS } from '../../../../engines/openai/openai-flavours.ts'
import { openAiChatBody, openAiRequest } from '../../../../engines/openai/openai-request.ts'
import { fullChat } from '../../../support/full-chat.ts'
import { chatQuery } from '../../../support/query.ts'

const KNOWN = { kind: 'openai' as OpenAiKind, id: 'm', contextLength: 100, reasons: true }

describe('openAiChatBody', () => {
  it('carries everything', () => {
    const body = openAiChatBody(fullChat({ toolChoice: { name: 'weather' } }), OPENAI_FLAVOURS.openai, KNOWN)
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
    it(`makes ${kind} go on behind a given start`, () => {
      const body = openAiChatBody(chatQuery({ body: { messages: [], prefill: 'the ' } }), OPENAI_FLAVOURS[kind], KNOWN)
      assert.deepEqual(body['messages'], [{ role: 'assistant', content: 'the ' }])
      for (const [key, value] of Object.entries(extra)) assert.deepEqual(body[key], value)
    })
  }

  it('passes on names, details and settings to the engines that take them', () => {
    const image = { type: 'image', mediaType: 'image/png', data: 'QUJD', detail: 'low' } as const
    const query = chatQuery({
      body: {
        messages: [{ role: 'user', name: 'bob', content: [image] }],
        tools: [{ name: 'f', strict: true }],
        parallelToolCalls: false,
        think: false,
        settings: { logit_bias: { '1': 5 }, chat_template_kwargs: { a: 1 }, keep_alive: 1, grammar: 'g' },
      },
    })
    const made = (kind: OpenAiKind) => openAiChatBody(query, OPENAI_FLAVOURS[kind], { ...KNOWN, kind })
    const [url, name] = ['data:image/png;base64,QUJD', 'bob']
    const { messages, tools, ...rest } = made('llama-server')
    assert.deepEqual(messages, [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }], name }])
    assert.deepEqual(tools, [{ type: 'function', function: { name: 'f' } }])
    assert.deepEqual(rest['parallel_tool_calls'], false)
    assert.deepEqual([rest['logit_bias'], rest['grammar'], rest['keep_alive']], [{ '1': 5 }, 'g', undefined])
    assert.deepEqual(rest['chat_template_kwargs'], { enable_thinking: false, a: 1 })
    const proxied = made('openai')
    assert.deepEqual(proxied['messages'], [
      { role: 'user', content: [{ type: 'image_url', image_url: { url, detail: 'low' } }], name },
    ])
    assert.deepEqual(proxied['tools'], [{ type: 'function', function: { name: 'f', strict: true } }])
  })

  it('goes on with a text as it is, or fills in between two on the page that the engine has for it', () => {
    const raw = { prompt: 'The sea ' }
    const made = (kind: OpenAiKind, more: object = {}) => {
      const body = { messages: [], raw, sampling: { maxTokens: 5 }, logprobs: 1, ...more }
      return openAiRequest(chatQuery({ body }), OPENAI_FLAVOURS[kind], { ...KNOWN, kind })
    }
    assert.deepEqual(made('openai', { prefill: 'is' }), {
      path: '/v1/completions',
      body: {
        ...{ model: 'm', prompt: 'The sea is', max_tokens: 5, logprobs: 1, stream: true },
        stream_options: { include_usage: true },
      },
    })
    const gap = { raw: { ...raw, suffix: '.' } }
    assert.deepEqual(made('llama-server', gap), {
      path: '/infill',
      body: { model: 'm', stream: true, input_prefix: 'The sea ', input_suffix: '.', n_predict: 5 },
    })
    assert.equal(made('openai', gap).body['suffix'], '.')
  })

  it('says in each engine\u2019s own word what may not repeat', () => {
    const query = chatQuery({ body: { messages: [], sampling: { repeatPenalty: 1.1 } } })
    assert.equal(openAiChatBody(query, OPENAI_FLAVOURS.vllm, KNOWN)['repetition_penalty'], 1.1)
    assert.equal(openAiChatBody(query, OPENAI_FLAVOURS['llama-server'], KNOWN)['repeat_penalty'], 1.1)
  })

  it('asks for thinking only where there is some, and may always say that there be none', () => {
    const query = (think: true | false | 'low') => chatQuery({ body: { messages: [], think } })
    const body = (think: true | false | 'low', reasons: boolean) =>
      openAiChatBody(query(think), OPENAI_FLAVOURS.vllm, { ...KNOWN, reasons })
    assert.equal(body('low', true)['reasoning_effort'], 'low')
    assert.equal(body('low', false)['reasoning_effort'], undefined)
    assert.equal(body(true, false)['chat_template_kwargs'], undefined)
    assert.deepEqual(body(false, false)['chat_template_kwargs'], { enable_thinking: false })
  })

  it('leaves out a limit that the context sets anyhow, where the engine refuses it', () => {
    const query = (maxTokens: number) => chatQuery({ body: { messages: [], sampling: { maxTokens } } })
    assert.equal(openAiChatBody(query(99), OPENAI_FLAVOURS.vllm, KNOWN)['max_tokens'], 99)
    assert.equal(openAiChatBody(query(100), OPENAI_FLAVOURS.vllm, KNOWN)['max_tokens'], undefined)
    assert.equal(openAiChatBody(query(100), OPENAI_FLAVOURS['llama-server'], KNOWN)['max_tokens'], 100)
  })
})
