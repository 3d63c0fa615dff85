import assert from 'node:assert/strict'
import { carry } from '../../../../discovery/reach/carry.ts'
import { FakeStream } from '../../../support/fake-stream.ts'

function setUp(budget = Number.POSITIVE_INFINITY) {
  const [one, other] = [new FakeStream(), new FakeStream()]
  const seen = { left: budget, ends: 0 }
  carry(one.stream, other.stream, {
    spend: (bytes) => {
      seen.left -= bytes
      return seen.left > 0
    },
    onEnd: () => {
      seen.ends += 1
    },
  })
  return { one, other, seen }
}

const BYTES = new Uint8Array(10)

describe('a connection that is carried', () => {
  it('stops the side that writes while the other does not read', () => {
    const { one, other } = setUp()
    other.send(BYTES)
    assert.equal(one.readStatus, 'readable')
    other.writableNeedsDrain = true
    other.send(BYTES)
    assert.equal(one.readStatus, 'paused')
    assert.equal(other.readStatus, 'readable', 'the way back is open')
    other.drain()
    assert.equal(one.readStatus, 'readable')
  })

  it('counts what comes from either side, and ends both when there may be no more', () => {
    const { one, other, seen } = setUp(30)
    one.receive(BYTES)
    other.receive(BYTES)
    assert.equal(seen.left, 10)
    assert.equal(one.status, 'open')
    one.receive(BYTES)
    assert.deepEqual([one.status, other.status], ['aborted', 'aborted'])
    assert.equal(seen.ends, 1)
  })
})
