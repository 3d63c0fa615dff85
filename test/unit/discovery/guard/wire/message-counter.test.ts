import assert from 'node:assert/strict'
import * as lp from 'it-length-prefixed'
import { Uint8ArrayList } from 'uint8arraylist'
import { MessageCounter } from '../../../../../discovery/guard/wire/message-counter.ts'

function message(bytes: number): Uint8Array {
  return lp.encode.single(new Uint8Array(bytes).fill(0xff)).subarray()
}

const LENGTHS = [1, 127, 128, 300, 20_000, 0, 5]
const STREAM = Buffer.concat(LENGTHS.map(message))

describe('message counter', () => {
  it('counts messages as they begin, however they are cut', () => {
    for (const size of [1, 2, 7, 100, STREAM.byteLength]) {
      const counter = new MessageCounter()
      let begun = 0
      for (let at = 0; at < STREAM.byteLength; at += size) begun += counter.count(STREAM.subarray(at, at + size)).begun
      assert.equal(begun, LENGTHS.length, `in pieces of ${size}`)
    }
  })

  it('counts the same in a list of pieces', () => {
    const list = new Uint8ArrayList(STREAM.subarray(0, 3), STREAM.subarray(3, 400), STREAM.subarray(400))
    assert.deepEqual(new MessageCounter().count(list), { begun: LENGTHS.length, bytes: STREAM.byteLength })
  })

  it('stops where one message too many begins, and goes on there', () => {
    const counter = new MessageCounter()
    const first = counter.count(STREAM, 2)
    assert.deepEqual(first, { begun: 2, bytes: message(1).byteLength + message(127).byteLength })
    const rest = counter.count(STREAM.subarray(first.bytes))
    assert.deepEqual(rest, { begun: LENGTHS.length - 2, bytes: STREAM.byteLength - first.bytes })
  })

  it('lets the rest of a message that has begun pass when no other may begin', () => {
    const counter = new MessageCounter()
    counter.count(message(300).subarray(0, 10))
    const rest = Buffer.concat([message(300).subarray(10), message(5)])
    assert.deepEqual(counter.count(rest, 0), { begun: 0, bytes: message(300).byteLength - 10 })
  })

  it('tells a message that is longer than any may be by its length', () => {
    const messages = new MessageCounter({ longestBytes: 300 })
    messages.count(message(300))
    assert.equal(messages.tooLong, false)
    messages.count(message(301).subarray(0, 2))
    assert.equal(messages.tooLong, true)
  })

  it('ends at a length that no message has', () => {
    assert.deepEqual(new MessageCounter().count(new Uint8Array(64).fill(0xff)), { begun: 1, bytes: 64 })
  })
})
