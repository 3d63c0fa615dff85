import assert from 'node:assert/strict'
import { MixedStreams } from '../scenarios/mixed-streams.ts'
import { DOOR_STREAMS } from '../support/door-streams.ts'

/** Of each door. */
const STREAMS = 15

describe('streams over all doors at once', () => {
  const streams = new MixedStreams()

  before(() => streams.start())

  after(() => streams.stop())

  it('come whole, in order, each its own, and end once', async () => {
    const plan = { streams: STREAMS * DOOR_STREAMS.length, tokens: 40, paceMs: 10 }
    const { wrong, faults } = await streams.run(plan)
    assert.deepEqual({ wrong, faults }, { wrong: 0, faults: [] })
  })
})
