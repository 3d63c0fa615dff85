import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_FRAME_BYTES } from '../../../../../protocols/query/constants.ts'
import { FrameSplitter, framed } from '../../../../../protocols/query/frames/framing.ts'

function split(chunks: Iterable<Uint8Array>): Uint8Array[] {
  const splitter = new FrameSplitter()
  const frames: Uint8Array[] = []
  for (const chunk of chunks) splitter.push(chunk, (frame) => frames.push(Uint8Array.from(frame)))
  return frames
}

describe('FrameSplitter', () => {
  const payload = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.integer({ min: 1, max: MAX_FRAME_BYTES }).map((length) => new Uint8Array(length).fill(length & 0xff)),
  )

  it('gives back what was framed, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }),
        (frames, cuts) => {
          const bytes = Buffer.concat(frames.map(framed))
          const chunks: Uint8Array[] = []
          for (let at = 0, i = 0; at < bytes.byteLength; i += 1) {
            const size = cuts[i % cuts.length] ?? 1
            chunks.push(bytes.subarray(at, at + size))
            at += size
          }
          assert.deepEqual(
            split(chunks),
            frames.map((frame) => Uint8Array.from(frame)),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives back frames that come byte by byte', () => {
    const frames = [Uint8Array.of(1), new Uint8Array(200).fill(7), new Uint8Array(20_000).fill(9)]
    const bytes = Buffer.concat(frames.map(framed))
    assert.deepEqual(split([...bytes].map((byte) => Uint8Array.of(byte))), frames)
  })

  for (const [what, bytes] of Object.entries({
    'one byte above the bound': Uint8Array.of(0x81, 0x80, 0x08),
    '4 GiB': Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
    'a length without end': new Uint8Array(9).fill(0x80),
    'an empty frame': Uint8Array.of(0),
    'an empty frame written long': Uint8Array.of(0x80, 0x80, 0x00),
  })) {
    it(`refuses ${what}, by its length alone, and keeps nothing for it`, () => {
      assert.throws(() => split([bytes]), { code: 'PROTOCOL_ERROR' })
      assert.throws(() => split([...bytes].map((byte) => Uint8Array.of(byte))), { code: 'PROTOCOL_ERROR' })
      assert.throws(() => split([Uint8Array.of(1, 7), bytes]), { code: 'PROTOCOL_ERROR' })
    })
  }

  it('takes a frame of exactly the bound', () => {
    assert.equal(split([framed(new Uint8Array(MAX_FRAME_BYTES))])[0]?.byteLength, MAX_FRAME_BYTES)
  })
})
