import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkValue } from '../../../../../core/check-value.ts'
import type { Picture } from '../../../../../core/query/picture.ts'
import { MAX_PROMPT_BYTES } from '../../../../../core/query/prompt-size.ts'
import type { Query, QueryType } from '../../../../../core/query/query.ts'
import { MAX_AUDIO_BYTES, MAX_EDIT_BYTES, MAX_REFERENCES } from '../../../../../core/query/query-limits.ts'
import type { TranscribeBody } from '../../../../../core/query/sound.ts'
import { toChatBody } from '../../../../../gateway/openai/chat/chat-request.ts'
import { chatSchema } from '../../../../../gateway/openai/chat/chat-schema.ts'
import { MAX_FRAME_BYTES } from '../../../../../protocols/query/constants.ts'
import {
  askFrames,
  decodeAsk,
  encodeBody,
  envelopeOf,
  queryOf,
} from '../../../../../protocols/query/frames/ask-codec.ts'
import { FrameSplitter } from '../../../../../protocols/query/frames/framing.ts'
import type { Ask } from '../../../../../protocols/query/frames/messages.ts'
import { chatQuery } from '../../../../support/query.ts'

/** The query as the server reads it. */
function received(query: Query): Query {
  const splitter = new FrameSplitter()
  const asks: Ask[] = []
  for (const frame of askFrames(1, query, encodeBody(query))) {
    splitter.push(frame, (whole) => {
      assert.ok(whole.byteLength <= MAX_FRAME_BYTES)
      asks.push(decodeAsk(whole))
    })
  }
  const [first] = asks
  assert.ok(first !== undefined)
  const body = Buffer.concat(asks.map((ask) => ask.body))
  assert.equal(body.byteLength, first.bodyBytes)
  return queryOf(envelopeOf(first, 'asker'), body, first.rawBytes)
}

const { body: _body, type: _type, ...envelope } = chatQuery()

function drawn(bytes: number, value: number): Picture {
  return { mediaType: 'image/png', data: new Uint8Array(bytes).fill(value) }
}

function recording(bytes: number): TranscribeBody {
  const said = { mediaType: 'audio/ogg; codecs=opus', fileName: 'ä.ogg', task: 'transcribe', language: 'en' } as const
  return { ...said, words: true, temperature: 0.5, audio: new Uint8Array(bytes).fill(7) }
}

describe('a query on the wire', () => {
  it('leaves at home who asks, and what is a machine’s own business', () => {
    const messages = [{ role: 'user', content: 'hi', name: 'bob' }] as const
    const settings = { user: 'bob@example.org', keep_alive: -1, mirostat: 2 }
    const { body } = received(chatQuery({ body: { messages, parallelToolCalls: false, settings } }))
    assert.deepEqual(body, { messages, parallelToolCalls: false, settings: { mirostat: 2 } })
  })

  it('says that it is of a batch', () => {
    assert.equal(received(chatQuery({ priority: 'batch' })).priority, 'batch')
    assert.equal('priority' in received(chatQuery({ priority: 'live' })), false)
  })

  it('is refused with a priority that nobody knows', () => {
    const query = chatQuery({ priority: 'urgent' as 'batch' })
    assert.throws(() => received(query), { code: 'BAD_REQUEST', message: /priority/ })
  })

  it('has a trace where its asker gave one, and none that is malformed', () => {
    const trace = { parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, state: 'rig=1,other=2' }
    assert.deepEqual(received({ ...chatQuery(), trace }).trace, trace)
    assert.equal(received({ ...chatQuery(), trace: { parent: 'x'.repeat(55) } }).trace, undefined)
    assert.equal('trace' in received(chatQuery()), false)
  })

  it('arrives as it was sent, with the origin that the connection proves', () => {
    const text = fc.string({ unit: 'binary', maxLength: 100_000 })
    fc.assert(
      fc.property(text, text, (content, prefill) => {
        const query = chatQuery({ body: { messages: [{ role: 'user', content }], prefill } })
        assert.deepEqual(received(query), { ...query, origin: 'asker' })
      }),
      { numRuns: 60 },
    )
  })

  describe('that a gateway let pass', () => {
    const most = MAX_PROMPT_BYTES - 16
    const texts: Record<string, string> = {
      'of plain text': 'x'.repeat(most),
      'of line ends and quotes': '\n"'.repeat(most / 2),
      'of control characters, which JSON makes six times as long': '\u0001'.repeat(most),
      'of halves of characters': '\ud800'.repeat(Math.floor(most / 3)),
      'of many small messages': '',
    }
    for (const [what, content] of Object.entries(texts)) {
      it(`arrives at its largest: ${what}`, () => {
        const messages = Array.from({ length: content === '' ? 16_000 : 1 }, () => ({ role: 'user', content }))
        const body = toChatBody(checkValue(chatSchema, { messages }))
        const query = chatQuery({ body })
        assert.deepEqual(received(query).body, body)
      })
    }

    it('arrives with the answer so far, also where both are long', () => {
      const body = {
        messages: [{ role: 'user' as const, content: '\u0001'.repeat(most) }],
        prefill: 'x'.repeat(2 ** 20),
      }
      assert.deepEqual(received(chatQuery({ body })).body, body)
    })
  })

  it('is refused on arrival when it holds more text than a gateway lets pass, however short its JSON', () => {
    const halves = ['x'.repeat(MAX_PROMPT_BYTES / 2), 'x'.repeat(MAX_PROMPT_BYTES / 2 + 1)]
    const chat = chatQuery({ body: { messages: halves.map((content) => ({ role: 'user', content })) } })
    const embed: Query = { ...envelope, type: 'embed', body: { inputs: halves } }
    const imagine: Query = { ...envelope, type: 'imagine', body: { prompt: halves.join('') } }
    const rerank: Query = { ...envelope, type: 'rerank', body: { query: '', documents: halves } }
    const tokens: Query = { ...envelope, type: 'tokens', body: { chat: chat.body } }
    const speak: Query = { ...envelope, type: 'speak', body: { text: halves.join(''), format: 'wav' } }
    const heard: Query = { ...envelope, type: 'transcribe', body: { ...recording(1), prompt: halves.join('') } }
    for (const query of [chat, embed, imagine, rerank, tokens, speak, heard])
      assert.throws(() => received(query), { code: 'PROMPT_TOO_LARGE' })
  })

  it('of every type arrives', () => {
    const image = { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' }
    const queries: Query[] = [
      {
        ...envelope,
        type: 'vision',
        body: { messages: [{ role: 'user', content: [{ type: 'text', text: 'what?' }, image] }] },
      },
      { ...envelope, type: 'imagine', body: { prompt: 'a llama', width: 512, height: 512, count: 2, seed: -5 } },
      { ...envelope, type: 'imagine', body: { prompt: 'a', strength: 0.5, image: drawn(100_000, 3) } },
      { ...envelope, type: 'imagine', body: { prompt: 'ä', image: drawn(1, 3), mask: drawn(70_000, 4) } },
      {
        ...envelope,
        type: 'imagine',
        body: { prompt: 'a', image: drawn(7, 3), references: [drawn(70_000, 5), drawn(2, 6)] },
      },
      { ...envelope, type: 'embed', body: { inputs: ['a', 'b'], dimensions: 64 } },
      { ...envelope, type: 'rerank', body: { query: 'q', documents: ['a', ''], topN: 1 } },
      { ...envelope, type: 'tokens', body: { text: 'a', detail: 'pieces', special: false } },
      { ...envelope, type: 'tokens', body: { chat: { messages: [{ role: 'user', content: 'a' }] } } },
      { ...envelope, type: 'tokens', body: { ids: [0, 4_294_967_295] } },
      { ...envelope, type: 'transcribe', body: recording(100_000) },
      { ...envelope, type: 'transcribe', body: { ...recording(0), task: 'translate' } },
      { ...envelope, type: 'speak', body: { text: 'a', voice: 'nova', format: 'opus', speed: 0.5, instructions: 'i' } },
      {
        ...envelope,
        type: 'chat',
        body: {
          messages: [
            {
              role: 'assistant',
              content: '',
              toolCalls: [{ id: '', name: 'f', arguments: '{"a":1}' }],
              reasoning: 'hm',
            },
            { role: 'tool', content: '1', toolCallId: '', toolName: 'f' },
          ],
          tools: [
            {
              name: 'f',
              description: 'd',
              parameters: { type: 'object', properties: { constructor: { type: 'string' } } },
            },
          ],
          toolChoice: { name: 'f' },
          responseFormat: { type: 'json_schema', name: 's', schema: { type: 'object' }, strict: true },
          sampling: { temperature: 0.5, stop: ['x'], maxTokens: 9, seed: 1 },
          think: 'low',
        },
      },
    ]
    for (const query of queries) assert.deepEqual(received(query), { ...query, origin: 'asker' })
  })

  it('with a recording of more than the bound is not sent, and one that lies about its length is refused', () => {
    const query: Query = { ...envelope, type: 'transcribe', body: recording(MAX_AUDIO_BYTES) }
    assert.deepEqual(received(query).body, query.body)
    const longer: Query = { ...envelope, type: 'transcribe', body: recording(MAX_AUDIO_BYTES + 1) }
    assert.throws(() => encodeBody(longer), { code: 'PROMPT_TOO_LARGE' })
    const of = (type: QueryType) => ({ ...envelope, type, origin: 'asker' })
    const json = Buffer.from('{"mediaType":"audio/wav","task":"transcribe"}')
    for (const raw of [json.byteLength + 1, 4_294_967_295]) {
      assert.throws(() => queryOf(of('transcribe'), json, raw), { code: 'BAD_REQUEST' })
    }
    assert.throws(() => queryOf(of('chat'), Buffer.from('{"messages":[]}x'), 1), { code: 'BAD_REQUEST' })
    const beside = Buffer.concat([json, Buffer.alloc(5 * 2 ** 20, ' ')])
    assert.throws(() => queryOf(of('transcribe'), beside, 0), { code: 'BAD_REQUEST' })
  })

  it('with pictures of more than the bound is not sent, and one that lies about their lengths is refused', () => {
    const begun = (image: number, mask: number): Query => ({
      ...envelope,
      type: 'imagine',
      body: { prompt: 'a', image: drawn(image, 3), mask: drawn(mask, 4) },
    })
    const most = begun(MAX_EDIT_BYTES - 9, 9)
    assert.deepEqual(received(most).body, most.body)
    assert.throws(() => encodeBody(begun(MAX_EDIT_BYTES - 9, 10)), { code: 'PROMPT_TOO_LARGE' })
    const of = { ...envelope, type: 'imagine', origin: 'asker' } as const
    const told = (said: object): Uint8Array =>
      Buffer.concat([Buffer.from(JSON.stringify({ prompt: 'a', ...said })), Buffer.alloc(4)])
    const picture = (bytes: number, mediaType = 'image/png'): object => ({ mediaType, bytes })
    assert.equal(queryOf(of, told({ image: picture(3), mask: picture(1) }), 4).type, 'imagine')
    for (const said of [
      {},
      { image: picture(3) },
      { image: picture(5) },
      { image: picture(3), mask: picture(2) },
      { mask: picture(4) },
      { references: [picture(4)] },
      { image: picture(3), references: [picture(2)] },
      { image: picture(4), references: [] },
      { image: picture(1), references: Array(MAX_REFERENCES + 1).fill(picture(1)) },
      { image: picture(0), mask: picture(4) },
      { image: picture(4, 'text/html') },
      { image: { ...picture(4), data: 'AAAA' } },
      { image: picture(4), strength: 2 },
    ]) {
      assert.throws(() => queryOf(of, told(said), 4), { code: 'BAD_REQUEST' }, JSON.stringify(said))
    }
  })

  it('that counts a conversation leaves at home who asks', () => {
    const messages = [{ role: 'user', content: 'hi' }] as const
    const chat = { messages, settings: { user: 'bob@example.org', mirostat: 2 } }
    const { body } = received({ ...envelope, type: 'tokens', body: { chat } })
    assert.deepEqual(body, { chat: { messages, settings: { mirostat: 2 } } })
  })

  it('counts at most one hop, whatever the frame says', () => {
    assert.equal(received(chatQuery({ hopsLeft: 4_000_000 })).hopsLeft, 1)
    assert.equal(received(chatQuery({ hopsLeft: 0 })).hopsLeft, 0)
  })

  const wrong: Record<string, Partial<Query>> = {
    'no id': { id: '' },
    'an endless id': { id: 'x'.repeat(129) },
    'an endless user': { user: 'x'.repeat(129) },
    'a realm that is none': { realm: '../../etc' },
    'an endless model': { model: 'x'.repeat(201) },
    'a scope that is none': { scope: 'world' as never },
    'a type that is none': { type: 'poetry' as never },
  }
  for (const [what, fields] of Object.entries(wrong)) {
    it(`is refused with ${what}`, () => {
      const query = { ...chatQuery(), ...fields } as Query
      const [frame] = askFrames(1, query, Buffer.from(JSON.stringify(query.body)))
      assert.ok(frame !== undefined)
      new FrameSplitter().push(frame, (whole) => {
        const ask = decodeAsk(whole)
        assert.throws(() => envelopeOf(ask, 'asker'), { code: 'BAD_REQUEST' })
      })
    })
  }
})
