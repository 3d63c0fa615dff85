import assert from 'node:assert/strict'
import {
  afterAsk,
  afterBegin,
  afterEnd,
  afterOwnFailure,
  afterTurnedAway,
  FRESH_PACE,
  type LinePace,
  MAX_LINES_ASKING,
  MAX_LINES_AT_ONCE,
  mayAsk,
} from '../../../../../../gateway/openai/batches/run/line-pace.ts'

const times = (count: number, step: (pace: LinePace) => LinePace, from: LinePace): LinePace => {
  let pace = from
  for (let n = 0; n < count; n += 1) pace = step(pace)
  return pace
}

describe('the pace of a batch', () => {
  it('lets a few ask, and the next as soon as one has begun', () => {
    const asking = times(MAX_LINES_ASKING, afterAsk, FRESH_PACE)
    assert.equal(mayAsk(asking, 0), false)
    assert.equal(mayAsk(afterBegin(asking), 0), true)
  })

  it('has a bound on what runs at once', () => {
    const full = times(MAX_LINES_AT_ONCE, (pace) => afterBegin(afterAsk(pace)), FRESH_PACE)
    assert.equal(mayAsk(full, 0), false)
    assert.equal(mayAsk(afterEnd(full, 0), 0), true)
  })

  it('pauses after a refusal, for twice as long each time, and never for long', () => {
    let pace = FRESH_PACE
    let now = 0
    const pauses: number[] = []
    for (let n = 0; n < 8; n += 1) {
      pace = afterTurnedAway(afterAsk(pace), now)
      pauses.push(pace.resumeAt - now)
      assert.equal(mayAsk(pace, pace.resumeAt - 1), false)
      now = pace.resumeAt
      assert.equal(mayAsk(pace, now), true)
    }
    assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('waits for as long as it is told, within that bound', () => {
    assert.equal(afterTurnedAway(afterAsk(FRESH_PACE), 0, 3_000).resumeAt, 3_000)
    assert.equal(afterTurnedAway(afterAsk(FRESH_PACE), 0, 3_600_000).resumeAt, 10_000)
  })

  it('takes several that are turned away together for one', () => {
    const two = afterAsk(afterAsk(FRESH_PACE))
    const once = afterTurnedAway(two, 0)
    assert.deepEqual(afterTurnedAway(once, 1), { ...once, asking: 0 })
  })

  it('goes on at once when a place is free, and is quick again when one has begun', () => {
    const refused = times(4, (pace) => afterTurnedAway(afterAsk(pace), pace.resumeAt), afterBegin(afterAsk(FRESH_PACE)))
    const now = refused.resumeAt - 1
    assert.equal(mayAsk(refused, now), false)
    assert.equal(mayAsk(afterEnd(refused, now), now), true)
    assert.equal(afterBegin(afterAsk(refused)).pauseMs, FRESH_PACE.pauseMs)
  })

  it('learns nothing of room from a line that fails by itself', () => {
    assert.deepEqual(afterOwnFailure(afterAsk(FRESH_PACE)), FRESH_PACE)
  })
})
