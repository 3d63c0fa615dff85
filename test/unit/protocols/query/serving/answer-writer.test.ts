import assert from 'node:assert/strict'
import type { EndEvent } from '../../../../../core/query/query-event.ts'
import { PIECE_BYTES, TARGET_FRAME_BYTES } from '../../../../../protocols/query/constants.ts'
import { decodeAnswer } from '../../../../../protocols/query/frames/answer-codec.ts'
import { FrameSplitter } from '../../../../../protocols/query/frames/framing.ts'
import type { Answer } from '../../../../../protocols/query/frames/messages.ts'
import { AnswerWriter } from '../../../../../protocols/query/serving/answer-writer.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'

const LOAD = new Uint8Array([1, 2, 3])
const END: EndEvent = { kind: 'end', finishReason: 'stop' }

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp() {
  const stream = new FakeStream()
  const time = { now: 0 }
  const load = { now: LOAD }
  const writer = new AnswerWriter({ stream: stream.stream, load: () => load.now, now: () => time.now }, { number: 4 })
  const answers = (): readonly Answer[] => {
    const all: Answer[] = []
    const splitter = new FrameSplitter()
    for (const bytes of stream.sent) splitter.push(bytes, (frame) => all.push(decodeAnswer(frame)))
    return all
  }
  return { stream, time, load, writer, answers }
}

describe('AnswerWriter', () => {
  it('sends what becomes ready in one turn of the loop as one frame in one write', async () => {
    const { stream, writer, answers } = setUp()
    writer.begin()
    for (const text of ['a', 'b', 'c']) writer.write({ kind: 'text', text })
    assert.equal(stream.sent.length, 0)
    await turn()
    assert.equal(stream.sent.length, 1)
    const [first] = answers()
    assert.deepEqual([first?.number, first?.events.map(({ text }) => text)], [4, ['a', 'b', 'c']])
    assert.deepEqual(Buffer.from(first?.load ?? []), Buffer.from(LOAD))
  })

  it('tells the load as it is when the frame leaves', async () => {
    const { load, writer, answers } = setUp()
    writer.begin()
    load.now = new Uint8Array([9])
    await turn()
    assert.deepEqual(Buffer.from(answers()[0]?.load ?? []), Buffer.from([9]))
  })

  it('closes a frame that has reached its size', async () => {
    const { writer, answers } = setUp()
    for (let i = 0; i < 10; i += 1) writer.write({ kind: 'text', text: 'x'.repeat(15_000) })
    await turn()
    assert.ok(answers().length > 2)
    for (const { events } of answers()) {
      assert.ok(events.reduce((bytes, { text = '' }) => bytes + text.length, 0) <= TARGET_FRAME_BYTES)
    }
  })

  it('sends the end and the load at once, in a frame after which nothing follows', async () => {
    const { stream, writer, answers } = setUp()
    writer.write({ kind: 'text', text: 'last' })
    stream.writableNeedsDrain = true
    writer.end(END)
    const [only] = answers()
    assert.deepEqual([only?.events[0]?.text, only?.events[1]?.end?.finishReason], ['last', 'stop'])
    await turn()
    assert.equal(stream.sent.length, 1)
  })

  it('has its caller wait while the stream is full, in the middle of a picture too', async () => {
    const { stream, writer } = setUp()
    stream.writableNeedsDrain = true
    const image = new Uint8Array(4 * PIECE_BYTES)
    let written = false
    const writing = writer.write({ kind: 'image', index: 0, mediaType: 'image/png', data: image })
    assert.ok(writing !== undefined)
    void writing.then(() => {
      written = true
    })
    await turn()
    assert.equal(written, false)
    const before = stream.sent.length
    stream.drain()
    await writing
    assert.ok(stream.sent.length > before)
  })

  it('says that it lives when nothing was sent for a while, but not into a full stream', () => {
    const { stream, time, writer, answers } = setUp()
    time.now = 299
    writer.keepAlive(300)
    assert.equal(stream.sent.length, 0)
    time.now = 300
    stream.writableNeedsDrain = true
    writer.keepAlive(300)
    assert.equal(stream.sent.length, 0)
    stream.writableNeedsDrain = false
    writer.keepAlive(300)
    assert.deepEqual(answers()[0]?.events, [])
    writer.keepAlive(300)
    assert.equal(stream.sent.length, 1)
  })

  it('says nothing behind the end: the asker may have sent the next query', () => {
    const { stream, time, writer } = setUp()
    writer.end({ kind: 'end', finishReason: 'stop' })
    assert.equal(stream.sent.length, 1)
    time.now = 1_000
    writer.keepAlive(300)
    assert.equal(stream.sent.length, 1)
  })

  it('sends nothing any more on a stream that has died, or after it was disposed of', async () => {
    const { stream, writer } = setUp()
    writer.write({ kind: 'text', text: 'lost' })
    writer.dispose()
    await turn()
    stream.abort(new Error('reset'))
    writer.finish()
    assert.equal(stream.sent.length, 0)
  })
})
