import assert from 'node:assert/strict'
import fc from 'fast-check'
import { WavSamples } from '../../../../engines/audio/wav-samples.ts'
import { wavHead } from '../../../support/engines/sound-stubs.ts'

const SAMPLES = Buffer.from(Array.from({ length: 300 }, (_, i) => i % 256))

function fed(file: Buffer, cuts: readonly number[]): { readonly data: Buffer; readonly type: string } {
  const samples = new WavSamples('piper')
  const parts: Buffer[] = []
  let type = ''
  let at = 0
  for (const cut of [...cuts, file.length].toSorted((a, b) => a - b)) {
    const out = samples.push(file.subarray(at, cut))
    at = cut
    parts.push(out.data)
    if (out.data.length > 0) type = out.mediaType
  }
  return { data: Buffer.concat(parts), type }
}

describe('the samples of a WAV file', () => {
  it('are the same however the file arrives', () => {
    const file = Buffer.concat([wavHead(SAMPLES.length), SAMPLES])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: file.length }), { maxLength: 12 }), (cuts) => {
        const { data, type } = fed(file, cuts)
        assert.deepEqual(data, SAMPLES)
        assert.equal(type, 'audio/pcm;rate=22050')
      }),
    )
  })

  it('begin behind whatever stands before them, and end before whatever stands behind', () => {
    const head = wavHead(SAMPLES.length)
    const list = Buffer.from('LIST\x05\0\0\0INFOx\0', 'latin1')
    const file = Buffer.concat([head.subarray(0, 36), list, head.subarray(36), SAMPLES, Buffer.from('LIST and more')])
    assert.deepEqual(fed(file, [20, 41]).data, SAMPLES)
  })

  it('go on to the end of a file that is written while it is spoken', () => {
    for (const length of [0, 0xffff_ffff, 0x7fff_ffff]) {
      assert.deepEqual(fed(Buffer.concat([wavHead(length), SAMPLES]), [50]).data, SAMPLES)
    }
  })

  it('are of 16 bits and one channel, or refused', () => {
    for (const [at, value] of [
      [20, 3],
      [22, 2],
      [34, 8],
    ] as const) {
      const file = Buffer.concat([wavHead(), SAMPLES])
      file.writeUInt16LE(value, at)
      assert.throws(() => fed(file, []), { code: 'ENGINE_GARBAGE' })
    }
  })

  it('are looked for in no other file, and not without end', () => {
    assert.throws(() => fed(Buffer.from('<!doctype html> and so on'), []), { code: 'ENGINE_GARBAGE' })
    const endless = Buffer.concat([wavHead().subarray(0, 12), Buffer.alloc(100_000, 'a')])
    assert.throws(() => fed(endless, [70_000]), { code: 'ENGINE_GARBAGE' })
  })
})
