/** What servers that speak Ollama's API were seen to send, beyond the letter. */
import assert from 'node:assert/strict'
import { OllamaDecoder } from '../../../../engines/ollama/ollama-decoder.ts'
import { decoded, gather } from '../../../support/decoded.ts'

const END = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }

function read(...lines: readonly object[]): ReturnType<typeof gather> {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  return gather(decoded(new OllamaDecoder({ engine: 'ollama', queryId: 'q' }), body))
}

const called = (args: unknown): object => ({
  message: { content: '', tool_calls: [{ function: { name: 'f', arguments: args } }] },
  done: false,
})

describe('ollama decoder', () => {
  it('reads what /api/generate says', () => {
    const lines = [
      { response: ' Paris', done: false },
      { response: '', done: true, done_reason: 'length' },
    ]
    const { text, finish } = read(...lines)
    assert.deepEqual([text, finish], [' Paris', 'length'])
  })

  it('takes arguments as an object and as text', () => {
    for (const args of [{ x: 1 }, '{"x":1}', JSON.stringify('{"x":1}')]) {
      const { calls, finish } = read(called(args), END)
      assert.deepEqual([calls, finish], [[['f', '{"x":1}']], 'tool_calls'])
    }
  })

  it('finds content in parts, and a call that is no list', () => {
    const parts = { message: { content: ['h', { type: 'text', text: 'i' }] }, done: false }
    assert.equal(read(parts, END).text, 'hi')
    const call = { message: { content: '', tool_calls: { function: { name: 'f', arguments: { x: 1 } } } }, done: false }
    assert.deepEqual(read(call, END).calls, [['f', '{"x":1}']])
  })

  it('tells the probabilities that were asked for, and refuses for a version that does not tell', () => {
    const token = { token: 'hi', logprob: -0.5, top_logprobs: [{ token: 'yo', logprob: -1 }] }
    const lines = [{ message: { content: 'hi' }, done: false, logprobs: [token] }, END]
    const body = (told: readonly object[]) => told.map((line) => `${JSON.stringify(line)}\n`).join('')
    const asked = () => new OllamaDecoder({ engine: 'ollama', queryId: 'q', logprobs: true })
    const [text] = decoded(asked(), body(lines))
    const logprobs = [{ token: 'hi', logprob: -0.5, top: [{ token: 'yo', logprob: -1 }] }]
    assert.deepEqual(text, { kind: 'text', text: 'hi', logprobs })
    assert.throws(() => decoded(asked(), body([{ message: { content: 'hi' }, done: false }, END])), {
      code: 'CAPABILITY_MISSING',
      message: /logprobs/,
    })
  })

  it('tells two calls of one tool apart', () => {
    assert.deepEqual(read(called({ x: 1 }), called({ x: 2 }), END).calls, [
      ['f', '{"x":1}'],
      ['f', '{"x":2}'],
    ])
  })

  it('takes a last line that was cut for no line, and what is no number for none', () => {
    const cut = new OllamaDecoder({ engine: 'ollama', queryId: 'q' })
    const hi = `${JSON.stringify({ message: { content: 'hi' }, done: false })}\n`
    assert.deepEqual([gather(decoded(cut, `${hi}{"message":{"cont`)).text, cut.ended], ['hi', false])
    const end = `{"done":true,"done_reason":"stop","eval_count":-1,"prompt_eval_count":1.6,"eval_duration":NaN}`
    assert.deepEqual(decoded(new OllamaDecoder({ engine: 'ollama', queryId: 'q' }), hi + end).at(-1), {
      kind: 'end',
      finishReason: 'stop',
      usage: { promptTokens: 2, completionTokens: 0 },
      timings: {},
    })
  })

  it('takes no error for none', () => {
    const hi = { message: { content: 'hi' }, done: false, error: null }
    assert.equal(read(hi, { ...END, error: null }).text, 'hi')
  })

  it('fails with the error in a line', () => {
    const hi = { message: { content: 'hi' }, done: false }
    assert.throws(() => read(hi, { error: 'an error was encountered while running the model: unexpected EOF' }), {
      code: 'ENGINE_FAILED',
      message: /unexpected EOF/,
    })
  })

  for (const reason of ['load', 'unload']) {
    it(`takes ${reason} for no answer: the request had nothing to answer`, () => {
      assert.throws(() => read({ ...END, done_reason: reason }), { code: 'BAD_REQUEST' })
    })
  }

  it('takes an end without a reason from old versions, and none that it does not know', () => {
    assert.equal(read({ message: { content: 'hi' }, done: true }).finish, 'stop')
    assert.throws(() => read({ ...END, done_reason: 'error' }), { code: 'ENGINE_FAILED' })
  })

  it('turns nanoseconds into what we speak', () => {
    const end = {
      message: { content: '' },
      done: true,
      done_reason: 'length',
      load_duration: 2_500_000,
      prompt_eval_count: 100,
      prompt_eval_duration: 200_000_000,
      eval_count: 30,
      eval_duration: 1_500_000_000,
    }
    assert.deepEqual(decoded(new OllamaDecoder({ engine: 'ollama', queryId: 'q' }), `${JSON.stringify(end)}\n`), [
      {
        kind: 'end',
        finishReason: 'length',
        usage: { promptTokens: 100, completionTokens: 30 },
        timings: { loadMs: 2.5, prefillTokensPerSecond: 500, decodeTokensPerSecond: 20 },
      },
    ])
  })
})
