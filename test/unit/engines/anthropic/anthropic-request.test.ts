import assert from 'node:assert/strict'
import type { ChatBody, ChatMessage } from '../../../../core/query/query.ts'
import { anthropicBody } from '../../../../engines/anthropic/anthropic-request.ts'
import { chatQuery } from '../../../support/query.ts'

const QUESTION: ChatMessage = { role: 'user', content: 'weather?' }
const TOOLS = [{ name: 'weather' }]

const bodyOf = (body: Partial<ChatBody>) =>
  anthropicBody(chatQuery({ model: 'claude', body: { messages: [QUESTION], ...body } }))

const called = (given: string): ChatMessage => ({
  role: 'assistant',
  content: '',
  toolCalls: [{ id: 'c1', name: 'weather', arguments: given }],
})

const CONVERSATION: ChatBody = {
  messages: [
    { role: 'system', content: 'be brief' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'weather?' },
        { type: 'image', mediaType: 'image/png', data: 'QUJD' },
      ],
    },
    called('{"place":"Łódź"}'),
    { role: 'tool', content: 'sunny', toolCallId: 'c1', toolName: 'weather' },
  ],
  tools: [{ name: 'weather', description: 'asks', parameters: { type: 'object' } }],
}

describe('anthropicBody', () => {
  it('puts the system apart, calls and their results into turns, and names a limit', () => {
    const body = bodyOf({ ...CONVERSATION, sampling: { stop: ['x'], topK: 4, seed: 3 }, toolChoice: 'required' })
    assert.deepEqual(body, {
      model: 'claude',
      system: [{ type: 'text', text: 'be brief' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'weather?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'weather', input: { place: 'Łódź' } }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'sunny' }] }],
        },
      ],
      max_tokens: 4096,
      stream: true,
      tools: [{ name: 'weather', input_schema: { type: 'object' }, description: 'asks' }],
      tool_choice: { type: 'any' },
      top_k: 4,
      stop_sequences: ['x'],
    })
  })

  it('refuses what Claude has no word for', () => {
    for (const sampling of [{ frequencyPenalty: 1 }, { presencePenalty: 1 }, { minP: 0.1 }, { repeatPenalty: 1.1 }]) {
      assert.throws(() => bodyOf({ sampling }), { code: 'CAPABILITY_MISSING' })
    }
  })

  it('gives thinking its tokens on top of the answer\u2019s', () => {
    const { thinking, max_tokens: limit } = bodyOf({ think: 'low', sampling: { maxTokens: 10 } })
    assert.deepEqual([thinking, limit], [{ type: 'enabled', budget_tokens: 1024 }, 1034])
    assert.equal(bodyOf({ think: false })['thinking'], undefined)
  })

  const clashing: readonly (readonly [what: string, body: Partial<ChatBody>])[] = [
    ['a temperature', { sampling: { temperature: 0.7 } }],
    ['top_k', { sampling: { topK: 40 } }],
    ['a top_p below 0.95', { sampling: { topP: 0.9 } }],
    ['a tool that must be called', { tools: TOOLS, toolChoice: { name: 'weather' } }],
    ['tools of which one must be called', { tools: TOOLS, toolChoice: 'required' }],
  ]
  for (const [what, body] of clashing) {
    it(`refuses thinking together with ${what}, as the API does, and takes it without thinking`, () => {
      assert.throws(() => bodyOf({ ...body, think: true }), { code: 'CAPABILITY_MISSING', fix: /reasoning/ })
      assert.equal(bodyOf(body)['thinking'], undefined)
    })
  }

  it('thinks together with what the API takes', () => {
    const sampling = { temperature: 1, topP: 0.95 }
    assert.ok(bodyOf({ think: true, sampling, tools: TOOLS, toolChoice: 'auto' })['thinking'])
  })

  it('does not think between a tool\u2019s call and the answer: the API wants its signed thoughts back, which no client has', () => {
    const result: ChatMessage = { role: 'tool', content: 'sunny', toolCallId: 'c1' }
    const inLoop = bodyOf({ think: true, tools: TOOLS, messages: [QUESTION, called('{}'), result] })
    assert.equal(inLoop['thinking'], undefined)
    const after = bodyOf({ think: true, tools: TOOLS, messages: [QUESTION, called('{}'), result, QUESTION] })
    assert.ok(after['thinking'])
  })

  it('carries the arguments of calls as an object', () => {
    const messages = bodyOf({ messages: [QUESTION, called('{"city":"Bonn"}')] })['messages']
    assert.match(JSON.stringify(messages), /"input":\{"city":"Bonn"\}/)
    assert.match(JSON.stringify(bodyOf({ messages: [QUESTION, called('')] })['messages']), /"input":\{\}/)
  })

  for (const wrong of ['[1]', '"Bonn"', '7', 'null', '{"city":']) {
    it(`refuses the arguments ${wrong}, which are no object`, () => {
      assert.throws(() => bodyOf({ messages: [QUESTION, called(wrong)] }), { code: 'BAD_REQUEST', message: /c1/ })
    })
  }
})
