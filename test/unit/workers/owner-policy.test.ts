import assert from 'node:assert/strict'
import type { Scope } from '../../../core/scope.ts'
import type { Asker } from '../../../workers/asker.ts'
import { type OwnerSituation, ownerRefusal } from '../../../workers/owner-policy.ts'

const GIB = 1024 ** 3
const quiet: OwnerSituation = { time: { day: 1, minute: 600 }, pausedMs: 0, gpu: undefined }
const nights = [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 7 * 60 }]

describe('ownerRefusal', () => {
  const ROWS: readonly [string, Parameters<typeof ownerRefusal>[0], Partial<OwnerSituation>, RegExp | undefined][] = [
    ['serves when nothing is against it', { scope: 'public' }, {}, undefined],
    ['refuses while paused', { scope: 'public' }, { pausedMs: 5 }, /paused/],
    ['refuses outside the hours', { scope: 'public', schedule: nights }, {}, /hours/],
    ['serves within the hours', { scope: 'public', schedule: nights }, { time: { day: 1, minute: 30 } }, undefined],
    [
      'refuses while others use the GPU',
      { scope: 'public', idleOnly: true },
      { gpu: { usedByOthers: true } },
      /uses the GPU/,
    ],
    ['serves while the GPU is idle', { scope: 'public', idleOnly: true }, { gpu: { usedByOthers: false } }, undefined],
    ['does not mind others when not asked to', { scope: 'public' }, { gpu: { usedByOthers: true } }, undefined],
    ['does not forbid by a GPU it cannot read', { scope: 'public', idleOnly: true, maxTemperatureC: 1 }, {}, undefined],
    [
      'refuses with too little VRAM',
      { scope: 'public', minVramFreeBytes: 2 * GIB },
      { gpu: { usedByOthers: false, vramFreeBytes: GIB } },
      /VRAM/,
    ],
    [
      'serves with just enough VRAM',
      { scope: 'public', minVramFreeBytes: GIB },
      { gpu: { usedByOthers: false, vramFreeBytes: GIB } },
      undefined,
    ],
    [
      'refuses when too hot',
      { scope: 'public', maxTemperatureC: 80 },
      { gpu: { usedByOthers: false, temperatureC: 81 } },
      /80 °C/,
    ],
    [
      'serves at the limit',
      { scope: 'public', maxTemperatureC: 80 },
      { gpu: { usedByOthers: false, temperatureC: 80 } },
      undefined,
    ],
  ]
  for (const [what, settings, situation, expected] of ROWS) {
    it(`${what}; the owner himself is always served`, () => {
      const refusal = ownerRefusal(settings, 'home', { ...quiet, ...situation })
      if (expected === undefined) assert.equal(refusal, undefined)
      else assert.match(refusal?.reason ?? '', expected)
      assert.equal(ownerRefusal(settings, 'own', { ...quiet, ...situation }), undefined)
    })
  }

  it('says when a pause ends, if it does', () => {
    const paused = (pausedMs: number) => ownerRefusal({ scope: 'public' }, 'stranger', { ...quiet, pausedMs })
    assert.equal(paused(90_000)?.retryAfterMs, 90_000)
    assert.equal(paused(Number.POSITIVE_INFINITY)?.retryAfterMs, undefined)
  })

  for (const [scope, served] of [
    ['local', ['own']],
    ['home', ['own', 'home']],
    ['friends', ['own', 'home', 'friend']],
    ['public', ['own', 'home', 'friend', 'stranger']],
  ] as const satisfies readonly [Scope, readonly Asker[]][]) {
    it(`scope ${scope} serves ${served.join(', ')} and does not exist for others`, () => {
      for (const asker of ['own', 'home', 'friend', 'stranger'] as const) {
        const refusal = ownerRefusal({ scope }, asker, quiet)
        assert.equal(refusal?.forGood, (served as readonly Asker[]).includes(asker) ? undefined : true, asker)
      }
    })
  }
})
