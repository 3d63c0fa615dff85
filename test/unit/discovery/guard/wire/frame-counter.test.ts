import assert from 'node:assert/strict'
import { Uint8ArrayList } from 'uint8arraylist'
import { FrameCounter } from '../../../../../discovery/guard/wire/frame-counter.ts'
import { ACK, DATA, FIN, PING, SYN, WINDOW, yamuxFrame } from '../../../../support/yamux-frame.ts'

const WINDOW_BYTES = 1_000
const STREAM = Buffer.concat([
  yamuxFrame({ type: PING, flags: SYN, length: 7 }),
  yamuxFrame({ type: WINDOW, flags: SYN, stream: 1, length: 256 }),
  yamuxFrame({ type: DATA, stream: 1, data: Buffer.alloc(999, 1) }),
  yamuxFrame({ type: DATA, flags: SYN, stream: 3, data: Buffer.from('hello') }),
  yamuxFrame({ type: DATA, flags: FIN, stream: 3 }),
  yamuxFrame({ type: WINDOW, flags: ACK, stream: 2, length: 0 }),
])

describe('frame counter', () => {
  it('counts streams that are opened and frames without data, however they are cut', () => {
    for (const size of [1, 5, 12, 13, 500, STREAM.byteLength]) {
      const counter = new FrameCounter({ maxDataBytes: WINDOW_BYTES })
      let streams = 0
      let empty = 0
      for (let at = 0; at < STREAM.byteLength; at += size) {
        const counted = counter.count(STREAM.subarray(at, at + size))
        streams += counted.streams
        empty += counted.empty
        assert.ok(!counted.tooLong)
      }
      assert.deepEqual([streams, empty], [2, 4], `in pieces of ${size}`)
    }
  })

  it('stops behind the frame that opens the last stream that may begin', () => {
    const counter = new FrameCounter({ maxDataBytes: WINDOW_BYTES })
    const list = new Uint8ArrayList(STREAM.subarray(0, 20), STREAM.subarray(20))
    assert.deepEqual(counter.count(list, 1), { streams: 1, empty: 2, tooLong: false, bytes: 24 })
    const rest = counter.count(STREAM.subarray(24))
    assert.deepEqual(rest, { streams: 1, empty: 2, tooLong: false, bytes: STREAM.byteLength - 24 })
  })

  it('tells of a frame that is longer than the window before any of it has come', () => {
    const counter = new FrameCounter({ maxDataBytes: WINDOW_BYTES })
    const header = yamuxFrame({ type: DATA, stream: 1, length: 2 ** 32 - 1 })
    assert.ok(counter.count(header).tooLong)
  })
})
