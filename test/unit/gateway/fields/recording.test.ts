import assert from 'node:assert/strict'
import { recordingFrom } from '../../../../gateway/fields/recording.ts'

describe('a recording in JSON', () => {
  const base64 = Buffer.from('sound').toString('base64')

  it('is base64 alone, or a data: URL that says what it is', () => {
    const bare = recordingFrom(base64, 'audio')
    const named = recordingFrom(`data:audio/webm;codecs=opus;base64,${base64}`, 'audio')
    assert.deepEqual([bare.bytes.toString(), bare.told], ['sound', undefined])
    assert.deepEqual([named.bytes.toString(), named.told], ['sound', 'audio/webm;codecs=opus'])
  })

  it('is refused by the name of its field where it is no base64', () => {
    assert.throws(() => recordingFrom('no sound!', 'audio'), { param: 'audio' })
  })
})
