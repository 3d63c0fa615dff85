import assert from 'node:assert/strict'
import { readLogprobs } from '../../../../engines/adapter/logprobs-reader.ts'

const HI = { token: 'Hi', logprob: -0.5, bytes: [72, 105] }
const YO = { token: 'Yo', logprob: -1.5, bytes: [89, 111] }

describe('readLogprobs', () => {
  it('reads what llama-server and vLLM tell of a chat', () => {
    const content = [
      {
        id: 7,
        ...HI,
        top_logprobs: [
          { id: 7, ...HI },
          { id: 8, ...YO },
        ],
      },
    ]
    assert.deepEqual(readLogprobs({ content }), [{ ...HI, top: [HI, YO] }])
  })

  it('reads what Ollama tells', () => {
    assert.deepEqual(readLogprobs([{ ...HI, top_logprobs: [YO] }]), [{ ...HI, top: [YO] }])
  })

  it('reads the lists of the older completions', () => {
    const lists = { tokens: ['Hi', '!'], token_logprobs: [-0.5, null], top_logprobs: [{ Hi: -0.5, Yo: -1.5 }, null] }
    assert.deepEqual(readLogprobs(lists), [
      {
        token: 'Hi',
        logprob: -0.5,
        top: [
          { token: 'Hi', logprob: -0.5 },
          { token: 'Yo', logprob: -1.5 },
        ],
      },
      { token: '!', logprob: -9999, top: [] },
    ])
  })

  for (const value of [undefined, null, 7, {}, { content: null }, { tokens: 'x' }, []]) {
    it(`finds none in ${JSON.stringify(value)}`, () => assert.deepEqual(readLogprobs(value), []))
  }

  it('bounds what it takes', () => {
    const many = Array.from({ length: 100 }, () => ({ ...HI, bytes: [-1, 999] }))
    const [token] = readLogprobs([{ token: 7, logprob: 5, bytes: 'x', top_logprobs: many }])
    assert.deepEqual([token?.token, token?.logprob, token?.bytes, token?.top.length], ['', 0, undefined, 20])
    assert.equal(token?.top[0]?.bytes, undefined)
  })
})
