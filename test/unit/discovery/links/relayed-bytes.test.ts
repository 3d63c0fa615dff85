import assert from 'node:assert/strict'
import { LEAST_RELAYED_BYTES, RELAYED_BYTES_PER_DAY, RelayedBytes } from '../../../../discovery/links/relayed-bytes.ts'
import { FakeStream } from '../../../support/fake-stream.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const CHUNK = new Uint8Array(64 * 2 ** 20)

describe('bytes over relays', () => {
  it('are counted both ways, let an answer go on, and come back in time', () => {
    const clock = new ManualClock(0)
    const relayed = new RelayedBytes({ clock })
    const fake = new FakeStream()
    const heard: number[] = []
    const stream = relayed.counting(fake.stream)
    stream.addEventListener('message', ({ data }) => heard.push(data.byteLength))
    const half = RELAYED_BYTES_PER_DAY / CHUNK.byteLength / 2
    for (let i = 0; i < half; i += 1) stream.send(CHUNK)
    assert.equal(relayed.hasRoom(), true)
    for (let i = 0; i < half; i += 1) fake.receive(CHUNK)
    assert.deepEqual([relayed.hasRoom(), relayed.warnings().length], [false, 1])
    fake.receive(CHUNK)
    assert.deepEqual([fake.status, fake.sent.length, heard.length], ['open', half, half + 1])
    clock.advance(24 * 3_600_000)
    assert.deepEqual([relayed.hasRoom(), relayed.warnings()], [true, []])
  })

  it('begin no lane that a relay is about to cut', () => {
    const relayed = new RelayedBytes({ clock: new ManualClock(0) })
    assert.equal(relayed.hasRoom({ bytes: LEAST_RELAYED_BYTES, seconds: 60 }), true)
    assert.equal(relayed.hasRoom({ bytes: LEAST_RELAYED_BYTES - 1 }), false)
    assert.equal(relayed.hasRoom({ seconds: 0 }), false)
  })
})
