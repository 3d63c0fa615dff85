import assert from 'node:assert/strict'
import { type OwnerSituation, ownerRefusal } from '../../../../workers/owner/owner-policy.ts'

const GIB = 1024 ** 3
const quiet: OwnerSituation = { time: { day: 1, minute: 600 }, pausedMs: 0, gpu: undefined }
const nights = [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 7 * 60 }]

describe('ownerRefusal', () => {
  const ROWS: readonly [string, Parameters<typeof ownerRefusal>[0], Partial<OwnerSituation>, RegExp | undefined][] = [
    ['serves when nothing is against it', {}, {}, undefined],
    ['refuses while paused', {}, { pausedMs: 5 }, /paused/],
    ['refuses outside the hours', { schedule: nights }, {}, /hours/],
    ['serves within the hours', { schedule: nights }, { time: { day: 1, minute: 30 } }, undefined],
    ['refuses while others use the GPU', { idleOnly: true }, { gpu: { usedByOthers: true } }, /uses the GPU/],
    ['serves while the GPU is idle', { idleOnly: true }, { gpu: { usedByOthers: false } }, undefined],
    ['does not mind others when not asked to', {}, { gpu: { usedByOthers: true } }, undefined],
    ['does not forbid by a GPU it cannot read', { idleOnly: true, maxTemperatureC: 1 }, {}, undefined],
    [
      'refuses with too little VRAM',
      { minVramFreeBytes: 2 * GIB },
      { gpu: { usedByOthers: false, vramFreeBytes: GIB } },
      /VRAM/,
    ],
    [
      'serves with just enough VRAM',
      { minVramFreeBytes: GIB },
      { gpu: { usedByOthers: false, vramFreeBytes: GIB } },
      undefined,
    ],
    ['refuses when too hot', { maxTemperatureC: 80 }, { gpu: { usedByOthers: false, temperatureC: 81 } }, /80 °C/],
    ['serves at the limit', { maxTemperatureC: 80 }, { gpu: { usedByOthers: false, temperatureC: 80 } }, undefined],
  ]
  for (const [what, settings, situation, expected] of ROWS) {
    it(what, () => {
      const refusal = ownerRefusal(settings, { ...quiet, ...situation })
      if (expected === undefined) assert.equal(refusal, undefined)
      else assert.match(refusal?.reason ?? '', expected)
    })
  }

  it('says when a pause ends, if it does', () => {
    const paused = (pausedMs: number) => ownerRefusal({}, { ...quiet, pausedMs })
    assert.equal(paused(90_000)?.retryAfterMs, 90_000)
    assert.equal(paused(Number.POSITIVE_INFINITY)?.retryAfterMs, undefined)
  })
})
