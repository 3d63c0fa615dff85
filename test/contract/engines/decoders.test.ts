/** Whatever the network does to the bytes, the events are the same. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { AnthropicDecoder } from '../../../engines/anthropic/anthropic-decoder.ts'
import type { AnswerDecoder } from '../../../engines/http/answer-stream.ts'
import { OllamaDecoder } from '../../../engines/ollama/ollama-decoder.ts'
import { OpenAiDecoder } from '../../../engines/openai/openai-decoder.ts'

const engine = 'stub'
const line = (fields: object): string => `${JSON.stringify(fields)}\n`
const event = (fields: object, eol = '\n'): string => `data: ${JSON.stringify(fields)}${eol}${eol}`
const delta = (fields: object, reason: string | null = null): object => ({
  choices: [{ index: 0, delta: fields, finish_reason: reason }],
})

const TEXTS = ['über ', '日本', '🚀🧊', ' "quoted\\" \u2028 line', '\n\n', 'data: x']

const STREAMS: readonly { name: string; decoder: () => AnswerDecoder; body: string }[] = [
  {
    name: 'ollama',
    decoder: () => new OllamaDecoder({ engine, queryId: 'q' }),
    body: [
      ...TEXTS.map((content) => line({ message: { content, thinking: '…' } })),
      line({ message: { tool_calls: [{ function: { name: 'f', arguments: { a: 'Łódź' } } }] } }),
      line({
        message: { content: '' },
        done: true,
        done_reason: 'stop',
        prompt_eval_count: 2,
        eval_count: 6,
        eval_duration: 1e9,
      }),
    ].join(''),
  },
  ...(['\n', '\r\n'] as const).map((eol) => ({
    name: `openai with ${JSON.stringify(eol)}`,
    decoder: () => new OpenAiDecoder({ engine, queryId: 'q' }),
    body: [
      `: ping${eol}${eol}`,
      ...TEXTS.map((content) => event(delta({ content }), eol)),
      event(delta({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] }), eol),
      event(delta({ tool_calls: [{ index: 0, function: { arguments: '{"a":"Łódź"}' } }] }), eol),
      event(delta({}, 'tool_calls'), eol),
      event({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 6 } }, eol),
      `data: [DONE]${eol}${eol}`,
    ].join(''),
  })),
  {
    name: 'anthropic',
    decoder: () => new AnthropicDecoder({ engine, queryId: 'q' }),
    body: [
      event({ type: 'message_start', message: { usage: { input_tokens: 2 } } }),
      ...TEXTS.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
      event({ type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 6 } }),
      event({ type: 'message_stop' }),
    ].join(''),
  },
]

function decode(decoder: AnswerDecoder, pieces: readonly Buffer[]): readonly QueryEvent[] {
  const out: QueryEvent[] = []
  for (const piece of pieces) decoder.push(piece, out)
  if (!decoder.ended) decoder.flush(out)
  return out
}

function cut(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const places = [0, ...[...new Set(at)].sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

describe('every decoder', () => {
  for (const { name, decoder, body } of STREAMS) {
    const bytes = Buffer.from(body)
    const whole = decode(decoder(), [bytes])

    it(`${name}: reads the stream`, () => {
      const text = whole.flatMap((each) => (each.kind === 'text' ? each.text : [])).join('')
      assert.equal(text, TEXTS.join(''))
      assert.equal(whole.filter((each) => each.kind === 'end').length, 1)
      const end = whole.at(-1)
      assert.deepEqual(end?.kind === 'end' && end.usage, { promptTokens: 2, completionTokens: 6 })
    })

    it(`${name}: gives the same events however the bytes are cut`, () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }), (at) => {
          assert.deepEqual(decode(decoder(), cut(bytes, at)), whole)
        }),
        { numRuns: 200 },
      )
    })

    it(`${name}: never ends an answer that was cut off, and never throws anything of its own`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: bytes.length - 4 }), fc.uint8Array({ maxLength: 30 }), (at, junk) => {
          const one = decoder()
          try {
            const events = decode(one, [bytes.subarray(0, at)])
            assert.ok(one.ended || !events.some((each) => each.kind === 'end'))
            decode(decoder(), [bytes.subarray(0, at), Buffer.from(junk), bytes.subarray(at)])
          } catch (error) {
            assert.ok(error instanceof Error && 'code' in error, String(error))
            assert.ok(['ENGINE_GARBAGE', 'ENGINE_FAILED'].includes(String(error.code)), String(error.code))
          }
        }),
        { numRuns: 300 },
      )
    })
  }
})
