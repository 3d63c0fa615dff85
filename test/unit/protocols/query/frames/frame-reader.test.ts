import assert from 'node:assert/strict'
import { READ_HIGH_BYTES, READ_LOW_BYTES } from '../../../../../protocols/query/constants.ts'
import { FrameReader } from '../../../../../protocols/query/frames/frame-reader.ts'
import { framed } from '../../../../../protocols/query/frames/framing.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'

const FRAME = new Uint8Array(64 * 1_024).fill(7)

describe('FrameReader', () => {
  let stream: FakeStream
  let reader: FrameReader
  beforeEach(() => {
    stream = new FakeStream()
    reader = new FrameReader({ stream: stream.stream })
  })

  it('hands over whole frames, however they are cut on the way', async () => {
    const bytes = Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two'))])
    stream.receive(bytes.subarray(0, 2))
    assert.equal(reader.take(), undefined)
    assert.equal(reader.hasUnread, true, 'a part of a frame is something unread')
    const waiting = reader.wait()
    stream.receive(bytes.subarray(2))
    await waiting
    const texts = [reader.take(), reader.take()].map((frame) => Buffer.from(frame ?? []).toString())
    assert.deepEqual(texts, ['one', 'two'])
    assert.equal(reader.hasUnread, false)
  })

  it('pauses the peer while too much waits, and lets it go on when little is left', () => {
    const frames = READ_HIGH_BYTES / FRAME.byteLength
    for (let i = 0; i < frames; i += 1) stream.receive(framed(FRAME))
    assert.equal(stream.readStatus, 'paused')
    const untilLow = frames - READ_LOW_BYTES / FRAME.byteLength
    for (let i = 0; i < untilLow; i += 1) reader.take()
    assert.equal(stream.readStatus, 'paused')
    reader.take()
    assert.equal(stream.readStatus, 'readable')
  })

  it('pauses anew when what was held back meanwhile fills it again', () => {
    const frames = READ_HIGH_BYTES / FRAME.byteLength
    for (let i = 0; i < frames; i += 1) stream.receive(framed(FRAME))
    const resume = stream.resume.bind(stream)
    stream.resume = () => {
      resume()
      for (let i = 0; i < frames; i += 1) stream.receive(framed(FRAME))
    }
    for (let i = 0; i < frames; i += 1) reader.take()
    assert.equal(stream.readStatus, 'paused')
  })

  it('gives what came before the stream broke, then tells why it broke', async () => {
    stream.receive(framed(Buffer.from('end')))
    stream.abort(new Error('reset'))
    assert.equal(reader.ended, false)
    assert.notEqual(reader.take(), undefined)
    assert.equal(reader.ended, true)
    await reader.wait()
    assert.throws(() => reader.take(), /reset/)
  })

  it('ends quietly when the peer has said all', async () => {
    const waiting = reader.wait()
    stream.end()
    await waiting
    assert.equal(reader.ended, true)
    assert.equal(reader.take(), undefined)
  })

  it('resets a stream whose frames are out of bounds', () => {
    stream.receive(framed(Buffer.from('good')))
    stream.receive(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    assert.equal((stream.aborted as { code?: string } | undefined)?.code, 'PROTOCOL_ERROR')
    assert.throws(() => reader.take(), { code: 'PROTOCOL_ERROR' })
  })

  it('takes nothing in any more once it was given up or closed', () => {
    reader.fail(new Error('cancelled'))
    stream.receive(framed(Buffer.from('late')))
    assert.throws(() => reader.take(), /cancelled/)
    const closed = new FrameReader({ stream: stream.stream })
    closed.close()
    stream.receive(framed(Buffer.from('late')))
    assert.equal(closed.take(), undefined)
  })
})
