import assert from 'node:assert/strict'
import { MAX_UPLOAD_CHARACTERS, UPLOAD_PATIENCE_MS, Uploads } from '../../../../gateway/rentahal/uploads.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('uploads', () => {
  let clock: ManualClock
  let held: number
  let room: number
  let expired: number
  let uploads: Uploads
  beforeEach(() => {
    clock = new ManualClock()
    held = 0
    room = Number.POSITIVE_INFINITY
    expired = 0
    uploads = new Uploads({
      clock,
      hold: (bytes) => {
        if (held + bytes > room) return false
        held += bytes
        return true
      },
      give: (bytes) => {
        held -= bytes
      },
      onExpired: () => {
        expired += 1
      },
    })
  })
  const slice = (index: number, data: string, total = 3): string | undefined =>
    uploads.add({ imageId: 'a', index, total, data })

  it('come together in whatever order, and then hold nothing', () => {
    assert.equal(slice(2, 'ff'), undefined)
    assert.equal(slice(0, 'abc'), undefined)
    assert.equal(held, 5)
    assert.equal(slice(1, 'de'), 'abcdeff')
    assert.deepEqual([held, uploads.size, clock.pending], [0, 0, 0])
  })

  it('take a slice that is sent again in place of the first, longer or shorter', () => {
    slice(0, 'abc')
    slice(0, 'a')
    assert.equal(held, 1)
    slice(0, 'abcd')
    assert.equal(held, 4)
    slice(1, 'x')
    assert.equal(slice(2, 'y'), 'abcdxy')
  })

  it('give back what a dropped picture held: out of time, too long, without room, or stopped', () => {
    slice(0, 'abc')
    clock.advance(UPLOAD_PATIENCE_MS - 1)
    slice(1, 'abc')
    clock.advance(UPLOAD_PATIENCE_MS - 1)
    assert.equal(held, 6)
    clock.advance(1)
    assert.deepEqual([held, expired], [0, 1])
    slice(0, 'x'.repeat(MAX_UPLOAD_CHARACTERS))
    assert.throws(() => slice(1, 'x'), { code: 'PROMPT_TOO_LARGE' })
    assert.equal(held, 0)
    room = 4
    slice(0, 'abc')
    assert.throws(() => slice(1, 'abc'), { code: 'REALM_OVERLOADED' })
    assert.equal(held, 0)
    slice(0, 'abc')
    uploads.stop()
    assert.deepEqual([held, clock.pending], [0, 0])
  })
})
