import assert from 'node:assert/strict'
import { Lane } from '../../../../../protocols/query/asking/lane.ts'
import { PIECE_BYTES } from '../../../../../protocols/query/constants.ts'
import { encodeBody } from '../../../../../protocols/query/frames/ask-codec.ts'
import { fakeLink } from '../../../../support/fake-link.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { chatQuery } from '../../../../support/query.ts'

function setUp() {
  const stream = new FakeStream()
  const time = { now: 0 }
  const lane = new Lane({ stream: stream.stream, now: () => time.now }, { link: fakeLink('p'), rttMs: 5 })
  return { stream, time, lane }
}

describe('Lane', () => {
  it('numbers its queries from one on', () => {
    const { lane } = setUp()
    assert.deepEqual([lane.nextNumber(), lane.nextNumber()], [1, 2])
  })

  it('waits for room in the stream between two pieces of a query, and notes when the peer took the last', async () => {
    const { stream, time, lane } = setUp()
    const body = encodeBody(chatQuery({ body: { messages: [{ role: 'user', content: 'x'.repeat(3 * PIECE_BYTES) }] } }))
    stream.onSend = () => {
      stream.writableNeedsDrain = true
    }
    const asking = lane.ask(1, chatQuery(), body, () => time.now)
    for (let sent = 1; stream.sent.length < 4; sent += 1) {
      assert.equal(stream.sent.length, sent)
      time.now += 100
      stream.drain()
      await new Promise((resolve) => setImmediate(resolve))
    }
    time.now = 1_000
    stream.drain()
    await asking
    assert.equal(lane.sentAt, 1_000)
  })

  it('fails a query whose stream dies while it waits for room', async () => {
    const { stream, lane } = setUp()
    stream.onSend = () => {
      stream.writableNeedsDrain = true
    }
    const asking = assert.rejects(lane.ask(1, chatQuery(), encodeBody(chatQuery()), () => 0))
    stream.abort(new Error('reset'))
    await asking
  })

  it('notes when it heard the peer last', () => {
    const { stream, time, lane } = setUp()
    time.now = 70
    stream.receive(Buffer.from([1]))
    assert.equal(lane.heardAt, 70)
  })

  it('can be used again while it is open and nothing came that nobody asked for', () => {
    const { stream, lane } = setUp()
    assert.equal(lane.usable, true)
    stream.receive(Buffer.from([9]))
    assert.equal(lane.usable, false)
    for (const spoil of [
      (other: FakeStream) => other.abort(new Error('reset')),
      (other: FakeStream) => other.end(),
      (other: FakeStream) => {
        other.writeStatus = 'closed'
      },
    ]) {
      const { stream: other, lane: spoilt } = setUp()
      spoil(other)
      assert.equal(spoilt.usable, false)
    }
  })

  it('resets the stream at once, or closes it when it rests', async () => {
    const { stream, lane } = setUp()
    lane.reset(new Error('cancelled'))
    assert.equal(stream.aborted?.message, 'cancelled')
    assert.throws(() => lane.reader.take(), /cancelled/)
    const resting = setUp()
    resting.lane.close()
    assert.equal(resting.stream.status, 'closed')
  })
})
