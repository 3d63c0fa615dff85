import assert from 'node:assert/strict'
import { askedText, chatLength, contentBytes, imagesOf, textOf, textsOf } from '../../../../core/query/chat-text.ts'
import type { ChatBody } from '../../../../core/query/query.ts'
import type { TranscribeBody } from '../../../../core/query/sound.ts'
import { chatQuery } from '../../../support/query.ts'

const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const
const parts = [{ type: 'text', text: 'look' }, image, { type: 'text', text: '€' }] as const
const RECORDING: TranscribeBody = {
  ...{ audio: Uint8Array.of(1, 2, 3), mediaType: 'audio/ogg', task: 'transcribe', prompt: 'Łódź' },
}
const body: ChatBody = {
  messages: [
    { role: 'system', content: 'be kind' },
    { role: 'user', content: parts },
    { role: 'assistant', content: 'I see', reasoning: 'hm', toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }] },
    { role: 'tool', content: '42', toolCallId: 'c1', toolName: 'f' },
  ],
  prefill: 'So',
}

describe('the text of a chat', () => {
  it('shows the text and the images of a message', () => {
    assert.equal(textOf({ content: parts }), 'look\n€')
    assert.deepEqual([imagesOf({ content: parts }), imagesOf({ content: 'x' })], [[image], []])
  })

  it('measures characters and images, the answer so far included', () => {
    const characters = 'be kind'.length + 'look€'.length + 'I see'.length + '42'.length + 'So'.length
    assert.deepEqual(chatLength(body), { characters, images: 1 })
  })

  it('counts bytes of every text, images as they travel', () => {
    assert.equal(contentBytes(body), Buffer.byteLength(textsOf(body).join('')) + 'AAAA'.length)
    assert.equal(contentBytes({ messages: [], raw: { prompt: '€', suffix: 'a' }, prefill: 'So' }), 4)
    assert.equal(contentBytes({ inputs: ['€', 'a'] }), 4)
    assert.equal(contentBytes({ prompt: 'a cat' }), 5)
    assert.equal(contentBytes({ query: 'q', documents: ['a', '€'] }), 5)
    assert.equal(contentBytes(RECORDING), 3 + 'Łódź'.length + 3)
    assert.equal(contentBytes({ text: 'a', format: 'mp3', instructions: 'b' }), 2)
    assert.equal(contentBytes({ text: '€' }), 3)
    assert.equal(contentBytes({ chat: body }), contentBytes(body) - 'AAAA'.length, 'no picture is looked at')
  })

  it('lists every text, whoever wrote it, but the answer so far', () => {
    assert.deepEqual(textsOf(body), [
      'be kind',
      'look',
      '€',
      'image/png',
      'I see',
      'hm',
      'c1',
      'f',
      '{}',
      '42',
      'c1',
      'f',
    ])
    assert.deepEqual(textsOf({ ...body, messages: [], tools: [{ name: 'f' }], sampling: { stop: ['END'] } }), [
      '[{"name":"f"}]',
      'END',
    ])
  })

  it('says what the user asked last', () => {
    assert.equal(askedText(chatQuery({ body })), 'look\n€')
    assert.equal(askedText(chatQuery({ body: { messages: [] } })), '')
    const { body: _, ...envelope } = chatQuery()
    assert.equal(askedText({ ...envelope, type: 'imagine', body: { prompt: 'a cat' } }), 'a cat')
    assert.equal(askedText({ ...envelope, type: 'embed', body: { inputs: ['a', 'b'] } }), 'a\nb')
    assert.equal(askedText({ ...envelope, type: 'rerank', body: { query: 'q', documents: ['a'] } }), 'q')
    assert.equal(askedText({ ...envelope, type: 'tokens', body: { text: 'a' } }), '')
    assert.equal(askedText({ ...envelope, type: 'transcribe', body: RECORDING }), '[audio/ogg, 3 bytes]')
    assert.equal(askedText({ ...envelope, type: 'speak', body: { text: 'a', format: 'mp3' } }), 'a')
  })
})
