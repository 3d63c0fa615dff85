import assert from 'node:assert/strict'
import { checkValue } from '../../../../../core/check-value.ts'
import type { ChatBody } from '../../../../../core/query/query.ts'
import { toChatBody } from '../../../../../gateway/openai/chat/chat-request.ts'
import { chatSchema } from '../../../../../gateway/openai/chat/chat-schema.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII='
const user = (content: unknown): object => ({ role: 'user', content })
const translate = (body: object): ChatBody => toChatBody(checkValue(chatSchema, { messages: [user('hi')], ...body }))

describe('a chat completion request', () => {
  it('carries the whole conversation', () => {
    const { messages } = translate({
      messages: [
        { role: 'developer', content: 'be kind' },
        user([
          { type: 'text', text: 'what is it?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}`, detail: 'low' } },
        ]),
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'let me look',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'a pixel' },
      ],
    })
    assert.deepEqual(messages, [
      { role: 'system', content: 'be kind' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what is it?' },
          { type: 'image', mediaType: 'image/png', data: PIXEL, detail: 'low' },
        ],
      },
      {
        role: 'assistant',
        content: '',
        reasoning: 'let me look',
        toolCalls: [{ id: 'c1', name: 'look', arguments: '{"at":1}' }],
      },
      { role: 'tool', content: 'a pixel', toolCallId: 'c1' },
    ])
  })

  it('translates tools, choice, format, effort and sampling', () => {
    const body = translate({
      tools: [{ type: 'function', function: { name: 'look', description: 'looks', parameters: { $schema: 'x' } } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      response_format: { type: 'json_schema', json_schema: { name: 'out', strict: true, schema: { type: 'object' } } },
      reasoning_effort: 'none',
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: 'END',
      max_tokens: 5,
      max_completion_tokens: 9,
    })
    assert.deepEqual(body.tools, [{ name: 'look', description: 'looks', parameters: { $schema: 'x' } }])
    assert.deepEqual(body.toolChoice, { name: 'look' })
    assert.deepEqual(body.responseFormat, {
      type: 'json_schema',
      name: 'out',
      schema: { type: 'object' },
      strict: true,
    })
    assert.equal(body.think, false)
    assert.deepEqual(body.sampling, { maxTokens: 9, temperature: 0.5, topP: 0.9, seed: 7, stop: ['END'] })
  })

  it('takes null and unknown fields for absent', () => {
    const body = translate({
      tools: null,
      stop: null,
      temperature: null,
      stream: null,
      max_tokens: -1,
      keep_alive: '5m',
    })
    assert.deepEqual(body, { messages: [{ role: 'user', content: 'hi' }] })
  })

  const urls = [
    'http://127.0.0.1/x.png',
    'https://example.org/x.png',
    'HTTP://[::ffff:127.0.0.1]/x',
    'file:///etc/passwd',
    'data:image/svg+xml;base64,PHN2Zz4=',
    'data:text/html;base64,PGI+',
    'data:image/png,notbase64',
    'data:image/png;base64,',
    'data:image/png;base64,!!!!',
    'data:image/png;base64,abcde',
    'data:image/heic;base64,AAAA',
    'data:image/bmp;base64,Qk0A',
    '//169.254.169.254/',
    '',
  ]
  for (const url of urls) {
    it(`refuses the image ${url === '' ? '(empty)' : url}`, () => {
      const message = user([{ type: 'image_url', image_url: { url } }])
      assert.throws(() => translate({ messages: [message] }), {
        code: 'BAD_REQUEST',
        param: 'messages[0].content[0].image_url',
      })
    })
  }

  const bytes = PIXEL.replace(/=+$/, '')
  const spellings: Readonly<Record<string, string>> = {
    'line breaks': `data:image/png;base64,${PIXEL.replace(/(.{20})/g, '$1\r\n')}\n`,
    'a blank behind the comma': `data:image/png;base64, ${PIXEL}`,
    'no padding': `data:image/png;base64,${bytes}`,
    'the letters of URLs': `data:image/png;base64,${PIXEL.replaceAll('+', '-').replaceAll('/', '_')}`,
    'percent signs': `data:image/png;base64,${encodeURIComponent(PIXEL)}`,
    'a charset and a name': `data:image/png;charset=utf-8;name=a.png;base64,${PIXEL}`,
    'an old type': `DATA:image/x-png;base64,${PIXEL}`,
    'no type': `data:;base64,${PIXEL}`,
  }
  for (const [what, url] of Object.entries(spellings)) {
    it(`takes an image with ${what}`, () => {
      const { messages } = translate({ messages: [user([{ type: 'image_url', image_url: { url } }])] })
      assert.deepEqual(messages[0]?.content, [{ type: 'image', mediaType: 'image/png', data: PIXEL }])
    })
  }

  it('takes histories as other APIs and programs write them', () => {
    const call = { function: { name: 'look', arguments: { at: 1 } } }
    const thought = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'redacted_thinking', data: 'x' },
    ]
    const { messages } = translate({
      messages: [
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', content: null, tool_call_id: 'c1' },
        { role: 'assistant', content: [...thought, { type: 'text', text: 'yes' }] },
        { role: 'assistant', content: null, refusal: 'no' },
        { role: 'assistant', content: [], reasoning: 'so' },
        { role: 'assistant' },
      ],
    })
    assert.deepEqual(messages, [
      { role: 'assistant', content: '', toolCalls: [{ id: 'call_0', name: 'look', arguments: '{"at":1}' }] },
      { role: 'tool', content: '', toolCallId: 'c1' },
      { role: 'assistant', content: [{ type: 'text', text: 'yes' }], reasoning: 'hm' },
      { role: 'assistant', content: 'no' },
      { role: 'assistant', content: '', reasoning: 'so' },
      { role: 'assistant', content: '' },
    ])
  })

  it('takes tools without parameters and formats without a schema', () => {
    const body = translate({
      tools: [{ type: 'function', function: { name: 'f' } }],
      response_format: { type: 'json_schema', json_schema: { name: 'x' } },
    })
    assert.deepEqual([body.tools, body.responseFormat], [[{ name: 'f' }], { type: 'json' }])
  })

  it('refuses a wish for a call that cannot be made', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }]
    for (const wish of [
      { tool_choice: 'required' },
      { tools: [], tool_choice: 'required' },
      { tools, tool_choice: { type: 'function', function: { name: 'g' } } },
    ]) {
      assert.throws(() => translate(wish), { code: 'BAD_REQUEST', param: 'tool_choice' })
    }
    assert.equal(translate({ tool_choice: 'auto' }).toolChoice, undefined)
  })

  it('asks for probabilities as OpenAI has it', () => {
    assert.equal(translate({ logprobs: true, top_logprobs: 3 }).logprobs, 3)
    assert.equal(translate({ logprobs: true }).logprobs, 0)
    assert.equal(translate({ logprobs: false, top_logprobs: null }).logprobs, undefined)
    assert.throws(() => translate({ top_logprobs: 3 }), { param: 'top_logprobs' })
    assert.throws(() => translate({ logprobs: true, top_logprobs: 21 }), { param: 'top_logprobs' })
  })

  it('takes every effort that clients have a word for', () => {
    assert.equal(translate({ reasoning_effort: 'max' }).think, 'high')
    assert.equal(translate({ reasoning_effort: 'default' }).think, undefined)
  })

  it('takes large images but not as much text', () => {
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'AAAA'.repeat(2 ** 19)}` } }
    assert.equal(translate({ messages: [user([image])] }).messages.length, 1)
    const halves = [user('x'.repeat(2 ** 19)), user([{ type: 'text', text: 'x'.repeat(2 ** 19 + 1) }])]
    assert.throws(() => translate({ messages: halves }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('counts the text of tools and earlier calls too', () => {
    const parameters = { description: 'x'.repeat(2 ** 20) }
    const tools = [{ type: 'function', function: { name: 'f', parameters } }]
    assert.throws(() => translate({ tools }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('counts images', () => {
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } }
    assert.throws(() => translate({ messages: [user(Array(33).fill(image))] }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('names the part that is wrong within a union', () => {
    const message = user([{ type: 'text', text: 'a' }, { type: 'video' }])
    assert.throws(() => translate({ messages: [message] }), { param: 'messages[0].content[1].type' })
  })
})
