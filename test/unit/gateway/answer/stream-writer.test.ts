import assert from 'node:assert/strict'
import { once } from 'node:events'
import { StreamWriter } from '../../../../gateway/answer/stream-writer.ts'
import { MAX_PENDING_CHARS, PING_EVERY_MS, STALLED_READER_MS } from '../../../../gateway/request/limits.ts'
import { FakeResponse } from '../../../support/fake-response.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the stream writer', () => {
  let response: FakeResponse
  let clock: ManualClock
  const writerOf = (ping?: string): StreamWriter =>
    new StreamWriter(
      { response: response.asServerResponse(), clock },
      { headers: () => ({}), ...(ping !== undefined && { ping }) },
    )
  beforeEach(() => {
    response = new FakeResponse()
    clock = new ManualClock()
  })

  it('writes what comes in one tick at once, with the head before it', async () => {
    const writer = writerOf()
    await Promise.resolve() // as in production: a write follows from a promise, within the tick of the data
    writer.write('a')
    await Promise.resolve()
    writer.write('b')
    assert.deepEqual(response.pieces, [])
    await nextTick()
    writer.write('c')
    await nextTick()
    assert.deepEqual(response.pieces, ['HEAD', 'ab', 'c'])
  })

  it('ends with what was still waiting, in the same write', async () => {
    const writer = writerOf()
    writer.write('a')
    writer.end('b')
    await once(response, 'finish')
    assert.deepEqual(response.pieces, ['HEAD', 'ab'])
  })

  it('does not wait for the tick when a lot is waiting', () => {
    const writer = writerOf()
    writer.write('x'.repeat(MAX_PENDING_CHARS))
    assert.equal(response.pieces.length, 2)
  })

  it('holds the caller while the reader stalls', async () => {
    const writer = writerOf()
    response.stalled = true
    writer.write('a')
    await nextTick()
    const ready = writer.ready()
    assert.ok(ready)
    response.goOn()
    await ready
    assert.equal(writer.ready(), undefined)
    assert.equal(clock.pending, 0)
  })

  it('holds nobody for a reader who has caught up before he was waited for', async () => {
    const writer = writerOf(': ping\n\n')
    response.stalled = true
    writer.write('a')
    assert.equal(writer.ready(), undefined)
    await nextTick()
    response.goOn()
    await nextTick()
    assert.equal(writer.ready(), undefined)
    clock.advance(2 * PING_EVERY_MS)
    await nextTick()
    assert.equal(response.pieces.at(-1), ': ping\n\n')
    writer.release()
  })

  it('gives up a reader that never comes back', async () => {
    const writer = writerOf()
    response.stalled = true
    writer.write('a')
    await nextTick()
    const ready = writer.ready()
    clock.advance(STALLED_READER_MS)
    await ready
    assert.equal(writer.gone, true)
    assert.equal(clock.pending, 0)
  })

  it('sends the head with a ping when nothing comes for long, and no ping between pieces', async () => {
    const writer = writerOf(': ping\n\n')
    clock.advance(PING_EVERY_MS - 1)
    await nextTick()
    assert.equal(writer.begun, false)
    clock.advance(1)
    await nextTick()
    assert.deepEqual(response.pieces, ['HEAD', ': ping\n\n'])
    writer.write('a')
    clock.advance(PING_EVERY_MS)
    await nextTick()
    assert.deepEqual(response.pieces, ['HEAD', ': ping\n\n', 'a'])
    clock.advance(PING_EVERY_MS)
    await nextTick()
    assert.equal(response.pieces.at(-1), ': ping\n\n')
    writer.release()
    assert.equal(clock.pending, 0)
  })

  it('keeps nothing for a client that is gone', async () => {
    const writer = writerOf()
    response.destroy()
    writer.write('a')
    await nextTick()
    writer.end('b')
    assert.deepEqual(response.pieces, [])
  })
})
