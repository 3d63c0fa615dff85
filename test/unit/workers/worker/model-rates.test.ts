import assert from 'node:assert/strict'
import { observe, type ServedSample } from '../../../../workers/worker/model-rates.ts'

function sample(overrides: Partial<ServedSample> = {}): ServedSample {
  const usage = { promptTokens: 500, completionTokens: 101 }
  return {
    model: 'm',
    firstMs: 500,
    totalMs: 1_500,
    warm: true,
    images: 0,
    end: { kind: 'end', finishReason: 'stop', usage },
    ...overrides,
  }
}

describe('observe', () => {
  it('measures by the clock where the engine tells nothing', () => {
    assert.deepEqual(observe({}, sample()), { decode: 100, prefill: 1_000, firstTokenMs: 500, jobMs: 1_500 })
  })

  it("takes the engine's own figures first", () => {
    const timings = { prefillTokensPerSecond: 2_000, decodeTokensPerSecond: 50 }
    const { decode, prefill } = observe({}, sample({ end: { ...sample().end, timings } }))
    assert.deepEqual({ decode, prefill }, { decode: 50, prefill: 2_000 })
  })

  it('moves towards a new figure without jumping', () => {
    const { jobMs } = observe({ jobMs: 1_000 }, sample({ totalMs: 2_000 }))
    assert.equal(jobMs, 1_300)
  })

  it('keeps the load of a cold model out of its speed', () => {
    const rates = observe({}, sample({ warm: false, firstMs: 9_000, totalMs: 10_000 }))
    assert.equal(rates.loadMs, 9_000)
    assert.equal(rates.prefill, undefined)
    assert.equal(rates.firstTokenMs, undefined)
  })

  it('does not judge prefill by a short prompt', () => {
    const end = { ...sample().end, usage: { promptTokens: 10, completionTokens: 101 } }
    assert.equal(observe({}, sample({ end })).prefill, undefined)
  })

  it('counts images per second', () => {
    const { decode } = observe({}, sample({ images: 2, totalMs: 4_000, end: { kind: 'end', finishReason: 'stop' } }))
    assert.equal(decode, 0.5)
  })

  for (const rate of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e12]) {
    it(`does not believe an engine that claims ${rate} tokens per second`, () => {
      const end = { ...sample().end, timings: { decodeTokensPerSecond: rate, prefillTokensPerSecond: rate } }
      assert.deepEqual(observe({ decode: 30, prefill: 40 }, sample({ end })).decode, 30)
    })
  }
})
