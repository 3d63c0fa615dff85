import assert from 'node:assert/strict'
import type { EndEvent } from '../../../../../core/query/query-event.ts'
import { ChatChunks } from '../../../../../gateway/openai/chat/chat-chunks.ts'

const START = { queryId: 'q"1', model: 'tiny "quoted"', created: 7 }
const END: EndEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2 } }

/** The JSON of each `data:` line; `[DONE]` as it is. */
function chunksIn(text: string) {
  assert.match(text, /^(data: .*\n\n)*$/)
  const lines = text.split('\n\n').filter((line) => line !== '')
  return lines.map((line) => (line === 'data: [DONE]' ? '[DONE]' : JSON.parse(line.slice('data: '.length))))
}

const chunksOf = (init: { includeUsage?: boolean; wantsReceipt?: boolean } = {}): ChatChunks =>
  new ChatChunks(START, { includeUsage: false, wantsReceipt: false, ...init })

describe('ChatChunks', () => {
  it('carry id, time and model in every chunk, whatever characters are in them', () => {
    const chunks = chunksOf()
    for (const text of [chunks.open(), chunks.content({ kind: 'text', text: 'x' }), chunks.end(END)]) {
      const [{ id, object, created, model }] = chunksIn(text)
      const head = [id, object, created, model]
      assert.deepEqual(head, ['chatcmpl-q"1', 'chat.completion.chunk', 7, 'tiny "quoted"'])
    }
  })

  it('open with the role, then hold what came', () => {
    const chunks = chunksOf()
    const delta = (text: string) => chunksIn(text)[0].choices[0].delta
    assert.deepEqual(delta(chunks.open()), { role: 'assistant', content: '', refusal: null })
    assert.deepEqual(delta(chunks.content({ kind: 'text', text: 'ü\n"' })), { content: 'ü\n"' })
    assert.deepEqual(delta(chunks.content({ kind: 'reasoning', text: 'hm' })), { reasoning_content: 'hm' })
    assert.equal(chunks.content({ kind: 'embedding', index: 0, vector: Float32Array.of(1) }), '')
  })

  it('name a call in its first piece only, and give it an id where the engine gave none', () => {
    const chunks = chunksOf()
    const call = (piece: object) =>
      chunksIn(chunks.content({ kind: 'toolCall', index: 1, arguments: '{', ...piece }))[0].choices[0].delta
        .tool_calls[0]
    assert.deepEqual(call({ name: 'f' }), {
      ...{ index: 1, id: 'call_q"1_1', type: 'function' },
      function: { name: 'f', arguments: '{' },
    })
    assert.deepEqual(call({}), { index: 1, function: { arguments: '{' } })
  })

  it('end with the reason and the mark; usage comes in a chunk of its own, when it was asked for', () => {
    const [finish, done] = chunksIn(chunksOf().end(END))
    assert.deepEqual([finish.choices[0].finish_reason, 'usage' in finish, done], ['stop', false, '[DONE]'])
    const [reason, usage, mark] = chunksIn(chunksOf({ includeUsage: true }).end(END))
    assert.deepEqual([reason.usage, usage.choices, usage.usage.total_tokens, mark], [null, [], 3, '[DONE]'])
  })
})
