import assert from 'node:assert/strict'
import { MAX_PREFILL_LENGTH } from '../../../../../core/query/prompt-size.ts'
import type { QueryType } from '../../../../../core/query/query.ts'
import type { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { MAX_BODY_VALUES } from '../../../../../protocols/query/constants.ts'
import { parseBody } from '../../../../../protocols/query/frames/query-body.ts'

const parse = (type: QueryType, json: string): unknown => parseBody(type, Buffer.from(json))
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const withParameters = (parameters: string): string =>
  `{"messages":[],"tools":[{"name":"f","parameters":${parameters}}]}`

describe('the body of a query from a peer', () => {
  const refused: Record<string, string> = {
    'no JSON': '{"messages":',
    'no object': '[]',
    nothing: 'null',
    'an unknown field': '{"messages":[],"api_base":"http://169.254.169.254"}',
    'an unknown role': '{"messages":[{"role":"root","content":"x"}]}',
    'a number too large to be one': '{"messages":[],"sampling":{"temperature":1e999}}',
    'a setting that nobody knows': '{"messages":[],"settings":{"api_base":"http://x/"}}',
    'a setting that stays at home': '{"messages":[],"settings":{"keep_alive":-1}}',
    'a setting of another shape': '{"messages":[],"settings":{"mirostat":"2"}}',
    'a negative count': '{"messages":[],"sampling":{"maxTokens":-1}}',
    'a prototype at the top': '{"messages":[],"__proto__":{"polluted":1}}',
    'a prototype deep in a schema': withParameters('{"a":[{"__proto__":{"polluted":1}}]}'),
    'a schema nested too deep': withParameters(nested(62)),
    'a picture by URL': '{"messages":[{"role":"user","content":[{"type":"image","url":"http://x/"}]}]}',
    'a picture of no picture type':
      '{"messages":[{"role":"user","content":[{"type":"image","mediaType":"text/html","data":""}]}]}',
    'too many messages': JSON.stringify({
      messages: Array.from({ length: 20_000 }, () => ({ role: 'user', content: '' })),
    }),
  }
  for (const [what, json] of Object.entries(refused)) {
    it(`is refused: ${what}`, () => {
      assert.throws(() => parse('chat', json), { code: 'BAD_REQUEST', retryable: false })
    })
  }

  it('may nest to the bound', () => {
    assert.ok(parse('chat', withParameters(nested(60))))
  })

  it('takes what gateways take: long conversations, many parts and tools, long ids', () => {
    const text = { type: 'text', text: 'x' }
    const parameters = {}
    const bodies = [
      { messages: Array.from({ length: 10_000 }, () => ({ role: 'user', content: 'hi' })) },
      { messages: [{ role: 'user', content: Array.from({ length: 300 }, () => text) }] },
      { messages: [], tools: Array.from({ length: 600 }, (_, i) => ({ name: `f${i}`, parameters })) },
      { messages: [{ role: 'tool', content: '1', toolCallId: 'x'.repeat(400) }] },
      { messages: [], tools: [{ name: 'f'.repeat(300), parameters }] },
      { messages: [], raw: { prompt: 'def f(', suffix: 'return' }, prefill: 'x', logprobs: 20 },
    ]
    for (const body of bodies) assert.deepEqual(parse('chat', JSON.stringify(body)), body)
  })

  it('leaves the prototype of all objects alone', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      for (const json of [`{"messages":[],"${key}":{"polluted":1}}`, withParameters(`{"${key}":{"polluted":1}}`)]) {
        try {
          parse('chat', json)
        } catch (error) {
          assert.equal((error as RealmeshError).code, 'BAD_REQUEST')
        }
        assert.equal(({} as { polluted?: unknown }).polluted, undefined)
      }
    }
  })

  it('is checked against its own type', () => {
    assert.throws(() => parse('imagine', '{"messages":[]}'), { code: 'BAD_REQUEST' })
    assert.throws(() => parse('embed', '{"prompt":"x"}'), { code: 'BAD_REQUEST' })
    assert.throws(() => parse('imagine', '{"prompt":"x","width":1000000}'), { code: 'BAD_REQUEST' })
    assert.deepEqual(parse('embed', '{"inputs":["a"]}'), { inputs: ['a'] })
    for (const [type, json] of [
      ['rerank', '{"query":"q","documents":["a"],"topN":0}'],
      ['rerank', `{"query":"q","documents":[${Array(2_049).fill('""').join(',')}]}`],
      ['tokens', '{}'],
      ['tokens', '{"text":"a","ids":[1]}'],
      ['tokens', '{"ids":[-1]}'],
      ['tokens', '{"text":"a","detail":"all"}'],
      ['transcribe', '{"mediaType":"audio/wav"}'],
      ['transcribe', '{"mediaType":"audio/wav\\r\\nx: 1","task":"transcribe"}'],
      ['transcribe', '{"mediaType":"audio/wav","task":"transcribe","audio":"UklGRg=="}'],
      ['speak', '{"text":"a","format":"exe"}'],
      ['speak', '{"text":"a"}'],
    ] as const) {
      assert.throws(() => parse(type, json), { code: 'BAD_REQUEST' }, json)
    }
  })

  it('is not even parsed when it has more values than any honest one', () => {
    const junk = Array(MAX_BODY_VALUES).fill('{}').join(',')
    assert.throws(() => parse('chat', `{"messages":[${junk}]}`), { message: /more than 131072 values/ })
    // Commas and brackets of a text are none of the JSON.
    const text = `${'[{,'.repeat(MAX_BODY_VALUES)}\\"`
    const said = { messages: [{ role: 'user', content: text }] }
    assert.deepEqual(parse('chat', JSON.stringify(said)), said)
  })

  it('may hand over an answer so far that another worker can go on with', () => {
    const longest = { messages: [], prefill: 'x'.repeat(MAX_PREFILL_LENGTH) }
    assert.deepEqual(parse('chat', JSON.stringify(longest)), longest)
    const longer = JSON.stringify({ messages: [], prefill: `${longest.prefill}x` })
    assert.throws(() => parse('chat', longer), { code: 'BAD_REQUEST' })
  })

  it('never echoes what was sent in the refusal', () => {
    assert.throws(
      () => parse('chat', '{"messages":[{"role":"user","content":7,"secret":"canary-1"}]}'),
      (error: RealmeshError) => !error.message.includes('canary-1') && /messages\.0/.test(error.message),
    )
  })
})
