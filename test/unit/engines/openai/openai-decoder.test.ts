/** What servers that speak OpenAI's API were seen to send, beyond the letter. */
import assert from 'node:assert/strict'
import { OpenAiDecoder } from '../../../../engines/openai/openai-decoder.ts'
import { decoded, gather } from '../../../support/decoded.ts'

const DONE = 'data: [DONE]\n\n'
const sse = (value: object): string => `data: ${JSON.stringify(value)}\n\n`
const choice = (fields: object): string => sse({ choices: [{ index: 0, finish_reason: null, ...fields }] })
const delta = (fields: object, finish_reason: unknown = null): string => choice({ delta: fields, finish_reason })

const HI = delta({ content: 'hi' })
const STOP = delta({}, 'stop')

function read(...parts: readonly string[]): ReturnType<typeof gather> {
  return gather(decoded(new OpenAiDecoder({ engine: 'stub', queryId: 'q' }), parts.join('')))
}

describe('openai decoder', () => {
  it('tells the probabilities that were asked for, token by token, and refuses where there are none', () => {
    const asked = () => new OpenAiDecoder({ engine: 'stub', queryId: 'q', logprobs: true })
    const piece = (token: string) =>
      choice({ delta: { content: token }, logprobs: { content: [{ token, logprob: -1, top_logprobs: [] }] } })
    const events = decoded(asked(), ['a', 'b', 'c'].map(piece).join('') + STOP + DONE)
    assert.deepEqual(
      events.slice(0, 3),
      ['a', 'b', 'c'].map((token) => ({ kind: 'text', text: token, logprobs: [{ token, logprob: -1, top: [] }] })),
    )
    assert.throws(() => decoded(asked(), HI + STOP + DONE), { code: 'CAPABILITY_MISSING', message: /logprobs/ })
  })

  it('reads the pieces of a completion, and of llama.cpp’s own pages', () => {
    const older = sse({ choices: [{ text: 'hi', index: 0, finish_reason: null }] })
    assert.equal(read(older, sse({ choices: [{ text: '', finish_reason: 'length' }] }), DONE).finish, 'length')
    const own = [sse({ content: 'h', stop: false }), sse({ content: 'i', stop: false })]
    const end = { content: '', stop: true, stop_type: 'limit', tokens_evaluated: 3, tokens_predicted: 2 }
    const { text, finish } = read(...own, sse(end))
    assert.deepEqual([text, finish], ['hi', 'length'])
  })

  describe('passes over what the standard lets a stream hold', () => {
    const bodies: Readonly<Record<string, readonly string[]>> = {
      'a byte order mark': ['\ufeff', HI, STOP, DONE],
      'a field that nobody knows': ['server: rig 2\n', HI, STOP, DONE],
      'a line without a colon': ['keepalive\n', HI, STOP, DONE],
      'a retry that is no number': ['retry: soon\n\n', HI, STOP, DONE],
      comments: [': ping\n\n', HI, ':\n\n', STOP, DONE],
      'an event without data': [HI, 'data: \n\n', 'data:\n\n', 'data\n\n', STOP, DONE],
      'a named sign of life': [HI, 'event: ping\ndata: 2026-01-01T00:00:00Z\n\n', STOP, DONE],
      'a named sign of life with an object': [HI, 'event: keepalive\ndata: {"message":"alive"}\n\n', STOP, DONE],
      null: [HI, 'data: null\n\n', STOP, DONE],
      'a blank behind the end mark': [HI, STOP, 'data: [DONE] \n\n'],
      'data without a blank': [HI, STOP, 'data:[DONE]\n\n'],
      'carriage returns': [[HI, STOP, DONE].join('').replaceAll('\n', '\r\n')],
      'nothing but carriage returns': [[HI, STOP, DONE].join('').replaceAll('\n', '\r')],
      'data of several lines': ['data: {"choices":[{"index":0,\ndata: "delta":{"content":"hi"}}]}\n\n', STOP, DONE],
      'an event named message': [`event: message\n${HI}`, STOP, DONE],
      'pieces without choices, and with empty ones': [sse({ id: 'x' }), sse({ choices: [] }), HI, STOP, DONE],
    }
    for (const [what, parts] of Object.entries(bodies)) {
      it(what, () => {
        assert.deepEqual(read(...parts), { text: 'hi', reasoning: '', calls: [], ids: [], finish: 'stop' })
      })
    }
  })

  describe('finds text and reasoning where servers put them', () => {
    const thought = [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }]
    const bodies: Readonly<Record<string, readonly [string, string, string]>> = {
      'content as parts': [
        delta({ content: thought }) + delta({ content: [{ type: 'text', text: 'hi' }] }),
        'hi',
        'hm',
      ],
      reasoning_content: [delta({ reasoning_content: 'hm' }) + HI, 'hi', 'hm'],
      'reasoning beside an empty reasoning_content': [
        delta({ content: '', reasoning_content: '', reasoning: 'hm' }) + HI,
        'hi',
        'hm',
      ],
      thinking: [delta({ thinking: 'hm' }) + HI, 'hi', 'hm'],
      'a refusal': [delta({ content: null, refusal: 'I will not' }), 'I will not', ''],
      'content as a list of texts': [delta({ content: ['h', 'i'] }), 'hi', ''],
      'content as one part': [delta({ content: { type: 'text', text: 'hi' } }), 'hi', ''],
      'message instead of delta': [choice({ message: { role: 'assistant', content: 'hi' } }), 'hi', ''],
      'text instead of delta': [choice({ text: 'hi' }), 'hi', ''],
    }
    for (const [what, [body, text, reasoning]] of Object.entries(bodies)) {
      it(what, () => {
        const got = read(body, STOP, DONE)
        assert.deepEqual([got.text, got.reasoning, got.finish], [text, reasoning, 'stop'])
      })
    }
  })

  describe('takes for a failure', () => {
    const bodies: Readonly<Record<string, readonly string[]>> = {
      'an error': [HI, sse({ error: { message: 'no room' } }), DONE],
      'an error that is text': [sse({ error: 'no room' }), DONE],
      'the object named error': [sse({ object: 'error', message: 'no room', code: 500 }), DONE],
      'an event named error': [HI, 'event: error\ndata: {"message":"no room"}\n\n', DONE],
      'an event named error that is text': [HI, 'event: error\ndata: no room\n\n', DONE],
      'a detail': [sse({ detail: 'no room' }), DONE],
      'a list of details': [sse({ detail: [{ loc: ['body'], msg: 'no room', type: 'value_error' }] }), DONE],
      'error_message beside choices that are null': [sse({ choices: null, error_message: 'no room' }), DONE],
      'an error beside the choice': [
        HI,
        sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', error: { message: 'no room' } }] }),
        DONE,
      ],
      'msg of a server that says no success': [JSON.stringify({ success: false, code: 500, msg: 'no room' })],
      'an error in a list, in one piece': [JSON.stringify([{ error: { code: 500, message: 'no room' } }])],
      'an error in one piece': [JSON.stringify({ error: { message: 'no room' } })],
    }
    for (const [what, parts] of Object.entries(bodies)) {
      it(what, () => {
        assert.throws(() => read(...parts), { code: 'ENGINE_FAILED', message: /no room/ })
      })
    }

    it('an error within errors without end, of which nothing is told', () => {
      const deep = `data: ${'{"error":'.repeat(100_000)}"no room"${'}'.repeat(100_000)}\n\n`
      assert.throws(() => read(deep), { code: 'ENGINE_FAILED', message: 'stub broke off' })
    })

    it('but not an error that is null, false or empty', () => {
      for (const error of [null, false, '']) {
        const body = sse({ error, choices: [{ delta: { content: 'hi' }, finish_reason: 'stop' }] })
        assert.equal(read(body, DONE).text, 'hi')
      }
    })
  })

  describe('is wary of ends', () => {
    for (const reason of ['abort', 'error', 'cancelled', 'who knows', 7]) {
      it(`"${reason}" is no end`, () => {
        assert.throws(() => read(HI, delta({}, reason), DONE), { code: 'ENGINE_FAILED' })
      })
    }
    for (const reason of ['', 'null', null]) {
      it(`${JSON.stringify(reason)} in every piece is no reason: a stream that breaks off has not ended`, () => {
        const cut = new OpenAiDecoder({ engine: 'stub', queryId: 'q' })
        decoded(cut, delta({ content: 'hi' }, reason))
        assert.equal(cut.ended, false)
        assert.equal(read(delta({ content: 'hi' }, reason), DONE).finish, 'stop')
      })
    }
    for (const [word, finish] of Object.entries({
      eos_token: 'stop',
      MAX_TOKENS: 'length',
      model_length: 'length',
      function_call: 'stop',
      safety: 'content_filter',
    })) {
      it(`${word} is ${finish}`, () => {
        assert.equal(read(HI, delta({}, word), DONE).finish, finish)
      })
    }

    it('a reason that the engine took back is none', () => {
      const cut = new OpenAiDecoder({ engine: 'stub', queryId: 'q' })
      decoded(cut, HI + STOP + delta({ content: ' and' }))
      assert.equal(cut.ended, false)
      assert.equal(read(HI, STOP, delta({ content: ' on' }), STOP).text, 'hi on')
    })

    it('a last line that was cut is no line: what came before it is told, and that it has not ended', () => {
      for (const rest of ['data: {"choices":[{"ind', 'data: [DO', 'da']) {
        const cut = new OpenAiDecoder({ engine: 'stub', queryId: 'q' })
        assert.deepEqual([gather(decoded(cut, HI + rest)).text, cut.ended], ['hi', false])
      }
    })

    it('an end mark behind nothing at all is no answer', () => {
      assert.throws(() => read(delta({ role: 'assistant' }), DONE), { code: 'ENGINE_FAILED' })
    })

    it('calls that are the reason and were told by nobody are no answer', () => {
      for (const word of ['tool_calls', 'function_call']) {
        assert.throws(() => read(delta({ role: 'assistant' }), delta({}, word), DONE), {
          code: 'ENGINE_FAILED',
          message: /told none/,
        })
      }
    })

    it('an empty answer with a reason is one', () => {
      assert.deepEqual([read(STOP, DONE).text, read(STOP, DONE).finish], ['', 'stop'])
    })

    it('a call that was made is the reason, whatever the engine says', () => {
      const call = delta({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] })
      assert.equal(read(call, STOP, DONE).finish, 'tool_calls')
      assert.equal(read(call, delta({}, 'length'), DONE).finish, 'length')
      assert.equal(read(call, DONE).finish, 'tool_calls')
    })
  })

  it('finds the call of a server that sends one without a list, or by its older name', () => {
    const one = { id: 'c', function: { name: 'f', arguments: '{"x":1}' } }
    assert.deepEqual(read(delta({ tool_calls: one }), STOP, DONE).calls, [['f', '{"x":1}']])
    const older = [{ name: 'f', arguments: '{"x":' }, { arguments: '1}' }].map((call) => delta({ function_call: call }))
    const { calls, finish } = read(...older, delta({}, 'function_call'), DONE)
    assert.deepEqual([calls, finish], [[['f', '{"x":1}']], 'tool_calls'])
  })

  describe('reads one answer of several that were not asked for', () => {
    const piece = (index: number, text: string): object => ({ index, delta: { content: text }, finish_reason: null })
    const behind = (index: number, text: string): object => ({ delta: { content: text }, finish_reason: null, index })
    const stops = [0, 1].map((index) => sse({ choices: [{ index, delta: {}, finish_reason: 'stop' }] })).join('')
    const bodies: Readonly<Record<string, readonly [string, string]>> = {
      'in one piece': [sse({ choices: [piece(0, 'a'), piece(1, 'A')] }) + sse({ choices: [piece(0, 'b')] }), 'ab'],
      'in turns': [
        [0, 1, 0, 1, 0, 1].map((i, at) => sse({ choices: [piece(i, 'aAbBcC'.charAt(at))] })).join(''),
        'abc',
      ],
      'in turns, numbered behind the text': [
        [0, 1, 0, 1, 0, 1].map((i, at) => sse({ choices: [behind(i, 'aAbBcC'.charAt(at))] })).join(''),
        'abc',
      ],
      'in turns, with a count': [
        [0, 1, 0, 1, 0, 1]
          .map((i, at) => sse({ choices: [behind(i, 'aAbBcC'.charAt(at))], timings: { predicted_n: at + 1 } }))
          .join(''),
        'abc',
      ],
      'in reverse order': [sse({ choices: [piece(1, 'A'), piece(0, 'a')] }) + sse({ choices: [piece(1, 'B')] }), 'AB'],
    }
    for (const [what, [body, text]] of Object.entries(bodies)) {
      it(what, () => {
        assert.deepEqual([read(body, stops, DONE).text, read(body, stops, DONE).finish], [text, 'stop'])
      })
    }
  })

  it('believes no count that is none', () => {
    const end = (usage: object): string => sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })
    const usage = (told: object) => {
      const last = decoded(new OpenAiDecoder({ engine: 'stub', queryId: 'q' }), HI + end(told) + DONE).at(-1)
      return last?.kind === 'end' ? last.usage : undefined
    }
    assert.deepEqual(usage({ prompt_tokens: -1, completion_tokens: 1.6 }), { promptTokens: 0, completionTokens: 2 })
    assert.deepEqual(usage({ prompt_tokens: '7', completion_tokens: 1e300 }), {
      promptTokens: 0,
      completionTokens: 0xffff_ffff,
    })
  })

  it('reads an answer that comes in one piece, however it is laid out', () => {
    const whole = {
      choices: [
        {
          index: 0,
          message: { content: 'hi', tool_calls: [{ id: 'c', function: { name: 'f', arguments: { a: 1 } } }] },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    }
    for (const body of [JSON.stringify(whole), `\n${JSON.stringify(whole, null, 2)}\n`]) {
      const events = decoded(new OpenAiDecoder({ engine: 'stub', queryId: 'q' }), body)
      const end = events.at(-1)
      assert.deepEqual([gather(events).text, gather(events).calls], ['hi', [['f', '{"a":1}']]])
      assert.deepEqual(end?.kind === 'end' && end.usage, { promptTokens: 3, completionTokens: 2 })
    }
  })

  it('calls a page that is no answer garbage', () => {
    for (const body of ['<html>it works</html>', '', '{"half": ', 'data without end']) {
      assert.throws(() => read(body), { code: 'ENGINE_GARBAGE' }, body)
    }
  })

  it('takes the end from a server that leaves out [DONE], and not from one that gave no reason', () => {
    const done = decoded(new OpenAiDecoder({ engine: 'stub', queryId: 'q' }), HI + delta({}, 'length'))
    assert.deepEqual(done.at(-1), { kind: 'end', finishReason: 'length' })
    const cutOff = new OpenAiDecoder({ engine: 'stub', queryId: 'q' })
    decoded(cutOff, HI)
    assert.equal(cutOff.ended, false)
  })

  it('reads llama-server\u2019s own figures', () => {
    const timings = { prompt_per_second: 500, predicted_per_second: 50 }
    const end = sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], timings })
    assert.deepEqual(decoded(new OpenAiDecoder({ engine: 'stub', queryId: 'q' }), end + DONE), [
      { kind: 'end', finishReason: 'stop', timings: { prefillTokensPerSecond: 500, decodeTokensPerSecond: 50 } },
    ])
  })
})
