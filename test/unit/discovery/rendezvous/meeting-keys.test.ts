import assert from 'node:assert/strict'
import { type MeetingPlace, meetingKeys, untilNextEpochMs } from '../../../../discovery/rendezvous/meeting-keys.ts'

const HOUR_MS = 3_600_000
const MEETING: MeetingPlace = { network: 'main', secret: 'our own words', epochMs: 3 * HOUR_MS }
const texts = (meeting: MeetingPlace, wallMs: number): readonly string[] => meetingKeys(meeting, wallMs).map(String)

describe('meeting keys', () => {
  it('are the same for all nodes in an epoch; the current one is the previous one of the next', () => {
    const [current, previous] = texts(MEETING, 30 * HOUR_MS)
    assert.deepEqual(texts(MEETING, 33 * HOUR_MS - 1), [current, previous])
    assert.equal(texts(MEETING, 33 * HOUR_MS)[1], current)
    assert.notEqual(current, previous)
  })

  it('differ by network, by secret and from the one of the name alone', () => {
    const others = [
      MEETING,
      { ...MEETING, network: 'other' },
      { ...MEETING, secret: 'others' },
      { ...MEETING, secret: undefined },
    ]
    const keys = others.flatMap((meeting) => texts(meeting, 30 * HOUR_MS))
    assert.equal(new Set(keys).size, keys.length)
  })

  it('change at a moment that can be told before', () => {
    assert.equal(untilNextEpochMs(MEETING, 31 * HOUR_MS), 2 * HOUR_MS)
    assert.equal(untilNextEpochMs(MEETING, 33 * HOUR_MS), 3 * HOUR_MS)
  })
})
