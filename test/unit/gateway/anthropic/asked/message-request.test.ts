import assert from 'node:assert/strict'
import { checkValue } from '../../../../../core/check-value.ts'
import type { ChatBody } from '../../../../../core/query/query.ts'
import type { AskedFields } from '../../../../../gateway/answer/ignored-fields.ts'
import { signatureOf } from '../../../../../gateway/anthropic/answer/signature.ts'
import { messageFields } from '../../../../../gateway/anthropic/asked/message-fields.ts'
import { type AskedMessage, toMessageChat } from '../../../../../gateway/anthropic/asked/message-request.ts'
import { messageSchema } from '../../../../../gateway/anthropic/asked/message-schema.ts'

const PICTURE = 'iVBORw0KGgo='
const IMAGE = { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: PICTURE } }
const HI = [{ role: 'user', content: 'hi' }]

function read(body: object): AskedMessage {
  return toMessageChat(checkValue(messageSchema, body), body)
}

function chatOf(body: object): ChatBody {
  return read(body).chat
}

/** What a conversation of these turns becomes. */
function turns(...messages: readonly object[]): ChatBody['messages'] {
  return chatOf({ messages }).messages
}

function fieldsOf(body: object): AskedFields {
  const checked = checkValue(messageSchema, body)
  return messageFields(checked, body, toMessageChat(checked, body).skipped)
}

function refused(body: object, param: string): void {
  assert.throws(() => read(body), { code: 'BAD_REQUEST', param })
}

describe('a message as a query', () => {
  it('joins what the operator says, but the line for accounts', () => {
    const system = [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cch=8f3;' },
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Be kind.' },
    ]
    const { chat, skipped } = read({ system, messages: HI })
    assert.deepEqual(chat.messages, [
      { role: 'system', content: 'Be brief.\n\nBe kind.' },
      { role: 'user', content: 'hi' },
    ])
    assert.deepEqual(skipped, ['cache_control', 'system.x-anthropic-billing-header'])
    assert.deepEqual(chatOf({ system: 'Be brief.', messages: HI }).messages[0], {
      role: 'system',
      content: 'Be brief.',
    })
  })

  it('puts what the operator says before the first answer to the front, and later words where they stand', () => {
    const messages = turns(
      { role: 'user', content: 'one' },
      { role: 'system', content: 'agents: none' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
      { role: 'system', content: [{ type: 'text', text: 'hurry' }] },
    )
    assert.deepEqual(messages, [
      { role: 'system', content: 'agents: none' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'three' },
          { type: 'text', text: '<system-reminder>\nhurry\n</system-reminder>' },
        ],
      },
    ])
  })

  it('makes messages of results, before what is said beside them, with the names of their tools', () => {
    const messages = turns(
      { role: 'user', content: 'look' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'realmesh' },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'a', name: 'see', input: { at: 1 }, caller: { type: 'direct' } },
          { type: 'tool_use', id: 'b', name: 'hear', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'and then?' },
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'a dot' }, IMAGE] },
          { type: 'tool_result', tool_use_id: 'b' },
          IMAGE,
        ],
      },
    )
    const image = { type: 'image', mediaType: 'image/jpeg', data: PICTURE }
    assert.deepEqual(messages.slice(1), [
      {
        role: 'assistant',
        content: 'I look.',
        reasoning: 'hm',
        toolCalls: [
          { id: 'a', name: 'see', arguments: '{"at":1}' },
          { id: 'b', name: 'hear', arguments: '{}' },
        ],
      },
      { role: 'tool', toolCallId: 'a', toolName: 'see', content: [{ type: 'text', text: 'a dot' }, image] },
      { role: 'tool', toolCallId: 'b', toolName: 'hear', content: '' },
      { role: 'user', content: [{ type: 'text', text: 'and then?' }, image] },
    ])
  })

  it('lets results stand right behind their calls, whoever speaks between', () => {
    const messages = turns(
      { role: 'user', content: 'look' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'see', input: {} }] },
      { role: 'system', content: 'hurry' },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'a dot' }] },
    )
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'user'],
    )
  })

  it('takes neighbours of one role for one turn', () => {
    const messages = turns(
      { role: 'user', content: 'one' },
      { role: 'user', content: [{ type: 'text', text: 'two' }] },
      { role: 'assistant', content: 'three' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'see', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
      { role: 'user', content: 'four' },
    )
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'user'],
    )
    assert.equal(messages[1]?.content, 'three')
    assert.equal(messages[1]?.toolCalls?.length, 1)
  })

  it('goes on with an answer that ends the conversation', () => {
    const { messages, prefill } = chatOf({ messages: [...HI, { role: 'assistant', content: 'The answer is' }] })
    assert.deepEqual([messages.length, prefill], [1, 'The answer is'])
    const alone = chatOf({ messages: [{ role: 'assistant', content: 'Well' }] })
    assert.deepEqual(alone, { messages: [{ role: 'assistant', content: 'Well' }] })
    const empty = chatOf({ messages: [...HI, { role: 'assistant', content: [] }] })
    assert.deepEqual([empty.messages.length, empty.prefill], [1, undefined])
  })

  it('reads thoughts that were not shown out of their signature, and none of other servers', () => {
    const [, hidden, foreign] = turns(
      ...HI,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', signature: signatureOf('hm, ł', false) },
          { type: 'text', text: 'yes' },
        ],
      },
      { role: 'user', content: 'why?' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', signature: 'EqQBCgIYAhIM' },
          { type: 'redacted_thinking', data: 'EqQB' },
          { type: 'text', text: 'so' },
        ],
      },
      { role: 'user', content: 'ah' },
    )
      .filter(({ role }) => role === 'assistant' || role === 'user')
      .filter((_, i) => i !== 2)
    assert.deepEqual(hidden, { role: 'assistant', content: 'yes', reasoning: 'hm, ł' })
    assert.deepEqual(foreign, { role: 'assistant', content: 'so' })
  })

  it('leaves out blocks and tools that it does not know, and names them', () => {
    const { chat, skipped } = read({
      tools: [
        { type: 'web_search_20250305', name: 'web_search', max_uses: 5 },
        { type: 'bash_20250124', name: 'bash' },
        { type: 'mcp_toolset', mcp_server_name: 'x' },
        { type: 'custom', name: 'see', input_schema: { type: 'object' }, defer_loading: true },
        { type: null, name: 'bare' },
      ],
      messages: [
        ...HI,
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
            { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
            { type: 'text', text: 'found', citations: [{ type: 'char_location' }] },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'container_upload', file_id: 'f' },
            { type: 'text', text: 'go' },
          ],
        },
      ],
    })
    assert.deepEqual(chat.tools, [{ name: 'see', parameters: { type: 'object' } }, { name: 'bare' }])
    assert.deepEqual(
      chat.messages.map(({ content }) => content),
      ['hi', 'found', 'go'],
    )
    assert.deepEqual(skipped, [
      'messages.server_tool_use',
      'messages.web_search_tool_result',
      'messages.container_upload',
      'tools.web_search_20250305',
      'tools.bash_20250124',
      'tools.mcp_toolset',
      'defer_loading',
    ])
  })

  it('reads documents of text, and what was found', () => {
    const [message] = turns({
      role: 'user',
      content: [
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'Once' },
          title: 'A tale',
          citations: { enabled: true },
        },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'upon' }] } },
        { type: 'search_result', title: 'T', source: 's', content: [{ type: 'text', text: 'a time' }] },
      ],
    })
    assert.deepEqual(message?.content, [
      { type: 'text', text: 'A tale' },
      { type: 'text', text: 'Once' },
      { type: 'text', text: 'upon' },
      { type: 'text', text: 'T (s)\na time' },
    ])
  })

  it('chooses tools', () => {
    const tools = [{ name: 'see', input_schema: {} }]
    const choice = (tool_choice: object): unknown => {
      const { toolChoice, parallelToolCalls } = chatOf({ messages: HI, tools, tool_choice })
      return [toolChoice, parallelToolCalls]
    }
    assert.deepEqual(choice({ type: 'auto' }), ['auto', undefined])
    assert.deepEqual(choice({ type: 'any', disable_parallel_tool_use: true }), ['required', false])
    assert.deepEqual(choice({ type: 'tool', name: 'see' }), [{ name: 'see' }, undefined])
    assert.deepEqual(choice({ type: 'none' }), ['none', undefined])
    assert.equal(chatOf({ messages: HI, tool_choice: { type: 'auto' } }).toolChoice, undefined)
    const search = { type: 'web_search_20250305', name: 'web_search' }
    refused({ messages: HI, tools: [search], tool_choice: { type: 'tool', name: 'web_search' } }, 'tool_choice')
  })

  it('thinks as hard as it is asked to', () => {
    const think = (body: object): unknown => {
      const { think: hard, settings } = chatOf({ messages: HI, ...body })
      return [hard, settings]
    }
    assert.deepEqual(think({}), [undefined, undefined])
    assert.deepEqual(think({ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }), [false, undefined])
    assert.deepEqual(think({ thinking: { type: 'adaptive' } }), [true, undefined])
    assert.deepEqual(think({ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }), ['high', undefined])
    assert.deepEqual(think({ output_config: { effort: 'low' } }), ['low', undefined])
    const budget = (budget_tokens: number): unknown => think({ thinking: { type: 'enabled', budget_tokens } })
    assert.deepEqual(budget(1024), ['low', { thinking_budget_tokens: 1024 }])
    assert.deepEqual(budget(4096), ['medium', { thinking_budget_tokens: 4096 }])
    assert.deepEqual(budget(31_999), ['high', { thinking_budget_tokens: 31_999 }])
  })

  it('takes a schema where it stands now, and where it stood', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } }
    const expected = { type: 'json_schema', name: 'answer', schema: { type: 'object' } }
    for (const body of [{ output_config: { format } }, { output_format: format }]) {
      assert.deepEqual(chatOf({ messages: HI, ...body }).responseFormat, expected)
    }
  })

  it('takes sampling, and the wishes of engines beside it', () => {
    const { sampling, settings } = chatOf({
      messages: HI,
      ...{ max_tokens: 9, temperature: 0.5, top_k: 4, top_p: 1, stop_sequences: ['END', ''], mirostat: 2 },
    })
    assert.deepEqual(sampling, { maxTokens: 9, temperature: 0.5, topK: 4, topP: 1, stop: ['END'] })
    assert.deepEqual(settings, { mirostat: 2 })
  })

  it('says which fields nothing comes of', () => {
    const { carried, dropped } = fieldsOf({
      model: 'm',
      max_tokens: 5,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] }],
      metadata: { user_id: 'u' },
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high', task_budget: { type: 'tokens', total: 5 } },
      context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      mcp_servers: [],
      container: 'c',
      stop_sequences: ['x'],
    })
    assert.deepEqual(carried, ['model', 'max_tokens', 'messages', 'stop_sequences', 'thinking', 'output_config.effort'])
    assert.deepEqual(dropped, [
      'metadata',
      'context_management',
      'container',
      'output_config.task_budget',
      'cache_control',
    ])
  })

  it('names what stands for two things once', () => {
    const [message] = HI
    const control = { type: 'ephemeral' }
    const content = [{ type: 'text', text: message?.content, cache_control: control }]
    assert.deepEqual(fieldsOf({ cache_control: control, messages: [{ role: 'user', content }] }).dropped, [
      'cache_control',
    ])
  })

  it('refuses what would be missed', () => {
    const said = (block: object) => ({ messages: [{ role: 'user', content: [block] }] })
    const url = { type: 'url', url: 'http://127.0.0.1/x.png' }
    refused(said({ type: 'image', source: url }), 'messages[0].content[0].source')
    refused(said({ type: 'document', source: { ...url } }), 'messages[0].content[0].source')
    const pdf = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }
    refused(said({ type: 'document', source: pdf }), 'messages[0].content[0].source')
    const svg = { type: 'base64', media_type: 'image/svg+xml', data: 'AAAA' }
    refused(said({ type: 'image', source: svg }), 'messages[0].content[0].source.data')
    refused(
      said({ type: 'image', source: { ...svg, media_type: 'image/png', data: '%%' } }),
      'messages[0].content[0].source.data',
    )
  })

  it('refuses odd bodies by the name of what is wrong', () => {
    const rows: readonly (readonly [unknown, string])[] = [
      [null, 'body'],
      [[], 'body'],
      [{}, 'messages'],
      [{ messages: [] }, 'messages'],
      [{ messages: [{ role: 'user', content: '' }] }, 'messages'],
      [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content'],
      [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role'],
      [{ messages: [{ role: 'user', content: [null] }] }, 'messages[0].content[0]'],
      [{ messages: [{ role: 'user', content: [{ text: 'hi' }] }] }, 'messages[0].content[0].type'],
      [{ messages: [{ role: 'user', content: [{ type: { toString: 1 } }] }] }, 'messages[0].content[0].type'],
      [{ messages: HI, tools: [{ type: { toString: 1 } }] }, 'tools[0].type'],
      [{ messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, 'messages'],
      [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
      [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages[0].content[0].source'],
      [{ messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] }, 'messages[0].content[0].tool_use_id'],
      [{ messages: HI, tools: [{ name: '' }] }, 'tools[0].name'],
      [{ messages: HI, tools: [{ name: 'a', input_schema: 'x' }] }, 'tools[0].input_schema'],
      [{ messages: HI, thinking: { type: 'loud' } }, 'thinking.type'],
      [{ messages: HI, output_config: { format: { type: 'grammar' } } }, 'output_config.format.type'],
      [{ messages: HI, tool_choice: 'auto' }, 'tool_choice'],
    ]
    for (const [body, param] of rows) {
      assert.throws(
        () => toMessageChat(checkValue(messageSchema, body), body),
        (error: unknown) => {
          assert.ok(error instanceof Error && 'param' in error, String(error))
          assert.equal(error.param, param)
          return true
        },
      )
    }
  })

  it('takes null for absent', () => {
    const none = { system: null, tools: null, tool_choice: null, thinking: null, output_config: null, thread: null }
    const { chat, skipped } = read({ messages: HI, ...none, stop_sequences: null, temperature: null, model: null })
    assert.deepEqual([chat, skipped], [{ messages: HI }, []])
  })

  it('does not find a conversation that it was to keep', () => {
    const thread = { type: 'continue', previous_message_id: 'msg_1' }
    assert.throws(() => read({ messages: HI, thread }), { code: 'QUERY_NOT_FOUND' })
    assert.deepEqual(chatOf({ messages: HI, thread: { type: 'create' } }).messages, HI)
  })
})
