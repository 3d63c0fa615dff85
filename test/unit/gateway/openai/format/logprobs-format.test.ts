import assert from 'node:assert/strict'
import { ChatAnswer } from '../../../../../gateway/openai/chat/chat-answer.ts'
import { ChatChunks } from '../../../../../gateway/openai/chat/chat-chunks.ts'
import { chatLogprobs, completionLogprobs } from '../../../../../gateway/openai/format/logprobs-format.ts'

const HI = { token: 'Hi', logprob: -0.5, bytes: [72, 105], top: [{ token: 'ä', logprob: -1 }] }
const WRITTEN = {
  content: [
    {
      token: 'Hi',
      logprob: -0.5,
      bytes: [72, 105],
      top_logprobs: [{ token: 'ä', logprob: -1, bytes: [195, 164] }],
    },
  ],
  refusal: null,
}

describe('probabilities', () => {
  it('are written as OpenAI writes those of a chat', () => {
    assert.deepEqual(chatLogprobs([HI]), WRITTEN)
  })

  it('are written as OpenAI writes those of a completion', () => {
    assert.deepEqual(completionLogprobs([HI, { token: '!', logprob: -2, top: [] }], 10), {
      tokens: ['Hi', '!'],
      token_logprobs: [-0.5, -2],
      top_logprobs: [{ ä: -1 }, {}],
      text_offset: [10, 12],
    })
  })

  it('stand in a whole chat answer and in its pieces', () => {
    const start = { queryId: 'q', model: 'm', created: 1 }
    const answer = new ChatAnswer()
    const event = { kind: 'text', text: 'Hi', logprobs: [HI] } as const
    answer.add(event)
    const [whole] = (answer.toBody(start) as { choices: { logprobs: unknown }[] }).choices
    assert.deepEqual(whole?.logprobs, WRITTEN)
    const chunk = new ChatChunks(start, { includeUsage: true, wantsReceipt: false }).content(event)
    const [piece] = JSON.parse(chunk.slice('data: '.length)).choices
    assert.deepEqual([piece.delta, piece.logprobs, piece.finish_reason], [{ content: 'Hi' }, WRITTEN, null])
  })
})
