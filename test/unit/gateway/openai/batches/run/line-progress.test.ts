import assert from 'node:assert/strict'
import { etaMs, LineRate } from '../../../../../../gateway/openai/batches/run/line-progress.ts'

describe('the progress of a batch', () => {
  it('is unknown before two lines have come', () => {
    const rate = new LineRate()
    assert.equal(rate.perMinute(0), undefined)
    rate.note(0)
    assert.equal(rate.perMinute(1), undefined)
    assert.equal(etaMs(10, undefined), undefined)
  })

  it('is the rate of the latest lines, which sinks while none comes', () => {
    const rate = new LineRate()
    for (let n = 0; n < 500; n += 1) rate.note(n * 1_000)
    assert.equal(Math.round(rate.perMinute(499_000) ?? 0), 61)
    assert.ok((rate.perMinute(599_000) ?? 60) < 31)
  })

  it('tells when the rest will have come', () => {
    assert.equal(etaMs(30, 60), 30_000)
    assert.equal(etaMs(0, undefined), 0)
  })
})
