import assert from 'node:assert/strict'
import type { ContentEvent } from '../../../../../../core/query/query-event.ts'
import { itemBody, OutputItems } from '../../../../../../gateway/openai/responses/output/output-items.ts'

const itemsOf = (...events: readonly ContentEvent[]): OutputItems => {
  const items = new OutputItems('q')
  for (const event of events) items.add(event)
  return items
}
const bodies = (items: OutputItems, summary = false): readonly object[] =>
  items.all.map((item) => itemBody(item, { summary }))

describe('OutputItems', () => {
  it('are thoughts, then a message, each with its place in its id', () => {
    const items = itemsOf(
      { kind: 'reasoning', text: 'h' },
      { kind: 'reasoning', text: 'm' },
      { kind: 'text', text: 'a' },
      { kind: 'text', text: 'b' },
    )
    items.close('completed')
    assert.deepEqual(bodies(items), [
      {
        id: 'rs_q_0',
        type: 'reasoning',
        status: 'completed',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'hm' }],
      },
      {
        id: 'msg_q_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'ab', annotations: [], logprobs: [] }],
      },
    ])
    assert.deepEqual(bodies(items, true)[0], {
      ...{ id: 'rs_q_0', type: 'reasoning', status: 'completed' },
      summary: [{ type: 'summary_text', text: 'hm' }],
    })
  })

  it('keep the pieces of parallel calls apart, mixed as they come', () => {
    const items = itemsOf(
      { kind: 'toolCall', index: 0, id: 'a', name: 'f', arguments: '{' },
      { kind: 'toolCall', index: 1, name: 'g', arguments: '[' },
      { kind: 'toolCall', index: 0, arguments: '}' },
      { kind: 'toolCall', index: 1, arguments: ']' },
    )
    assert.deepEqual(
      items.close('completed').map(({ kind, item }) => [kind, item.text]),
      [
        ['closed', '{}'],
        ['closed', '[]'],
      ],
    )
    assert.deepEqual(bodies(items), [
      { id: 'fc_q_0', type: 'function_call', status: 'completed', call_id: 'a', name: 'f', arguments: '{}' },
      { id: 'fc_q_1', type: 'function_call', status: 'completed', call_id: 'call_q_1', name: 'g', arguments: '[]' },
    ])
  })

  it('are one empty message where nothing came', () => {
    const items = itemsOf()
    assert.deepEqual(
      items.close('incomplete').map(({ kind }) => kind),
      ['opened', 'closed'],
    )
    assert.equal(items.all[0]?.status, 'incomplete')
  })

  it('tell the probabilities of a message', () => {
    const items = itemsOf({ kind: 'text', text: 'a', logprobs: [{ token: 'a', logprob: -1, top: [] }] })
    items.close('completed')
    const [body] = bodies(items) as readonly { content: readonly { logprobs: readonly object[] }[] }[]
    assert.deepEqual(body?.content[0]?.logprobs, [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }])
  })
})
