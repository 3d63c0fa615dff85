import assert from 'node:assert/strict'
import { toMessages } from '../../../../../../gateway/openai/responses/asked/response-input.ts'

const PIXEL = 'iVBORw0KGgo='

describe('the items of a response', () => {
  it('are messages of those who speak', () => {
    assert.deepEqual(toMessages([{ role: 'user', content: 'hello' }]).messages, [{ role: 'user', content: 'hello' }])
  })

  it('are messages with and without a type, developers as system', () => {
    const { messages } = toMessages([
      { role: 'developer', content: 'be brief' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'yo' }] },
    ])
    assert.deepEqual(messages, [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'yo' },
    ])
  })

  it('are refused where their type is no text', () => {
    assert.throws(() => toMessages([{ type: { toString: 1 } }]), { param: 'input[0].type' })
  })

  it('hold images as data, with their detail', () => {
    const image = { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'low' }
    const { messages } = toMessages([{ role: 'user', content: [{ type: 'input_text', text: 'what?' }, image] }])
    assert.deepEqual(messages[0]?.content, [
      { type: 'text', text: 'what?' },
      { type: 'image', mediaType: 'image/png', data: PIXEL, detail: 'low' },
    ])
  })

  it('put thoughts and parallel calls of one turn into one message, and name the tool of an output', () => {
    const { messages } = toMessages([
      { role: 'user', content: 'weather?' },
      { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'look it up' }] },
      { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' },
      { type: 'function_call', call_id: 'b', name: 'clock', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'rain' },
      { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'noon' }] },
    ])
    assert.deepEqual(messages.slice(1), [
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' },
          { id: 'b', name: 'clock', arguments: '{}' },
        ],
        reasoning: 'look it up',
      },
      { role: 'tool', content: 'rain', toolCallId: 'a', toolName: 'weather' },
      { role: 'tool', content: 'noon', toolCallId: 'b', toolName: 'clock' },
    ])
  })

  it('begin a new turn with the thoughts behind an answer, and take a summary for the thinking', () => {
    const { messages } = toMessages([
      { role: 'assistant', content: 'one' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
      { role: 'assistant', content: 'two' },
    ])
    assert.deepEqual(messages, [
      { role: 'assistant', content: 'one' },
      { role: 'assistant', content: 'two', reasoning: 'hm' },
    ])
  })

  it('are left out and named where nothing here knows their type', () => {
    const { messages, skipped } = toMessages([
      { type: 'web_search_call', id: 'ws_1' },
      { role: 'user', content: 'hi' },
    ])
    assert.deepEqual([messages.length, skipped], [1, ['web_search_call']])
  })

  it('follow those of the conversation before, as one turn where the assistant goes on', () => {
    const call = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }
    const { messages } = toMessages(
      [{ type: 'function_call_output', call_id: 'a', output: 'x' }],
      [{ role: 'user', content: 'hi' }, call],
    )
    assert.deepEqual(
      messages.map(({ role, toolName }) => [role, toolName]),
      [
        ['user', undefined],
        ['assistant', undefined],
        ['tool', 'f'],
      ],
    )
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['a sealed history', { type: 'compaction', encrypted_content: 'x' }, 'input[0]'],
    [
      'an image by address',
      { role: 'user', content: [{ type: 'input_image', image_url: 'http://x/y.png' }] },
      'input[0].content[0].image_url',
    ],
    [
      'an image by file',
      { role: 'user', content: [{ type: 'input_image', file_id: 'f' }] },
      'input[0].content[0].image_url',
    ],
    ['a file', { role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }, 'input[0].content[0].type'],
    ['a role that is not known', { role: 'narrator', content: 'x' }, 'input[0].role'],
    ['a call without its id', { type: 'function_call', name: 'f', arguments: '{}' }, 'input[0].call_id'],
    ['items of which nothing is taken', { type: 'web_search_call' }, 'input'],
  ]
  for (const [what, item, param] of wrong) {
    it(`are refused with ${what}, by the name of the field`, () => {
      assert.throws(() => toMessages([{ ...item }]), { param })
    })
  }
})
