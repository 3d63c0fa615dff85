import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { ChatAnswer } from '../../../../../gateway/openai/chat/chat-answer.ts'
import { FAKE_START } from '../../../../support/fake-node.ts'

const START = { queryId: 'q', model: 'asked', created: 1 }

/** The body of an answer of these events, as its client reads it. */
function bodyOf(...events: readonly QueryEvent[]) {
  const answer = new ChatAnswer()
  for (const event of events) answer.add(event)
  return JSON.parse(JSON.stringify(answer.toBody(START)))
}

describe('ChatAnswer', () => {
  it('gathers text and reasoning apart, and names the model that served', () => {
    const body = bodyOf(
      FAKE_START,
      { kind: 'reasoning', text: 'h' },
      { kind: 'text', text: 'a' },
      { kind: 'reasoning', text: 'm' },
      { kind: 'text', text: 'b' },
      { kind: 'end', finishReason: 'length', usage: { promptTokens: 1, completionTokens: 2 } },
    )
    assert.deepEqual(body.choices[0].message, {
      role: 'assistant',
      content: 'ab',
      refusal: null,
      reasoning_content: 'hm',
    })
    assert.deepEqual([body.id, body.model, body.choices[0].finish_reason], ['chatcmpl-q', FAKE_START.model, 'length'])
    assert.equal(body.usage.total_tokens, 3)
  })

  it('puts the pieces of calls together, each under its number, and has no text beside them', () => {
    const body = bodyOf(
      { kind: 'toolCall', index: 0, id: 'c1', name: 'f', arguments: '{"a"' },
      { kind: 'toolCall', index: 1, name: 'g', arguments: '{}' },
      { kind: 'toolCall', index: 0, arguments: ':1}' },
      { kind: 'end', finishReason: 'tool_calls' },
    )
    const { content, tool_calls: calls } = body.choices[0].message
    assert.equal(content, null)
    assert.deepEqual(calls, [
      { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { id: 'call_q_1', type: 'function', function: { name: 'g', arguments: '{}' } },
    ])
  })

  it('is an empty text of the model that was asked for when nothing came', () => {
    const body = bodyOf({ kind: 'end', finishReason: 'stop' })
    assert.deepEqual([body.model, body.choices[0].message.content], ['asked', ''])
  })
})
