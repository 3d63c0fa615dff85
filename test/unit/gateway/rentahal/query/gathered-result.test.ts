import assert from 'node:assert/strict'
import { GatheredResult, MAX_HELD_SOUND_BYTES } from '../../../../../gateway/rentahal/query/gathered-result.ts'

describe('a result of RENT-A-HAL', () => {
  it('is a text without what was thought before it, a picture, or a sound in one piece', () => {
    const text = new GatheredResult('text')
    text.add({ kind: 'reasoning', text: 'hm' })
    text.add({ kind: 'text', text: 'a' })
    text.add({ kind: 'text', text: 'b' })
    assert.equal(text.result, 'ab')
    const image = new GatheredResult('image')
    for (const letter of ['x', 'y']) {
      image.add({ kind: 'image', index: 0, mediaType: 'image/png', data: Buffer.from(letter) })
    }
    assert.equal(image.result, Buffer.from('x').toString('base64'))
    const sound = new GatheredResult('audio')
    for (const letter of ['x', 'y']) sound.add({ kind: 'audio', mediaType: 'audio/wav', data: Buffer.from(letter) })
    assert.equal(sound.result, Buffer.from('xy').toString('base64'))
  })

  it('is an error where nothing came, or too much', () => {
    assert.equal(new GatheredResult('text').result, '')
    for (const type of ['image', 'audio'] as const) {
      assert.throws(() => new GatheredResult(type).result, { code: 'ENGINE_GARBAGE' })
    }
    const long = new GatheredResult('audio')
    const data = Buffer.alloc(MAX_HELD_SOUND_BYTES)
    long.add({ kind: 'audio', mediaType: 'audio/wav', data })
    assert.throws(() => long.add({ kind: 'audio', mediaType: 'audio/wav', data: Buffer.alloc(1) }), {
      code: 'ENGINE_GARBAGE',
    })
  })
})
