import assert from 'node:assert/strict'
import { Uint8ArrayList } from 'uint8arraylist'
import { FrameCounter, STREAM_COST } from '../../../../../discovery/guard/wire/frame-counter.ts'
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
  it('counts streams that are opened and frames with little or no data, however they are cut', () => {
    for (const size of [1, 5, 12, 13, 500, STREAM.byteLength]) {
      const counter = new FrameCounter({ maxDataBytes: WINDOW_BYTES })
      let streams = 0
      let small = 0
      for (let at = 0; at < STREAM.byteLength; at += size) {
        const counted = counter.count(STREAM.subarray(at, at + size))
        streams += counted.streams
        small += counted.small
        assert.ok(!counted.tooLong)
      }
      assert.deepEqual([streams, small], [2, 5], `in pieces of ${size}`)
    }
  })

  it('stops behind the frame with which what may be spent is spent', () => {
    const counter = new FrameCounter({ maxDataBytes: WINDOW_BYTES })
    const list = new Uint8ArrayList(STREAM.subarray(0, 20), STREAM.subarray(20))
    assert.deepEqual(counter.count(list, 2), { streams: 1, small: 2, cost: 1 + STREAM_COST, tooLong: false, bytes: 24 })
    assert.deepEqual(counter.count(STREAM.subarray(24), 0), { streams: 0, small: 0, cost: 0, tooLong: false, bytes: 0 })
    const rest = counter.count(STREAM.subarray(24))
    const cost = 3 + STREAM_COST
    assert.deepEqual(rest, { streams: 1, small: 3, cost, tooLong: false, bytes: STREAM.byteLength - 24 })
  })

  it('tells of a frame that is longer than the window before any of it has come', () => {
    const counter = new FrameCounter({ maxDataBytes: WINDOW_BYTES })
    const header = yamuxFrame({ type: DATA, stream: 1, length: 2 ** 32 - 1 })
    assert.ok(counter.count(header).tooLong)
  })
})
