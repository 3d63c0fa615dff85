import assert from 'node:assert/strict'
import { clockTime, formatDuration, parseDuration } from '../../../../bin/cli/duration.ts'

describe('formatDuration', () => {
  it('names the largest unit that fits', () => {
    const shown = [5, 1_500, 120_000, 7_200_000, 864e5].map(formatDuration)
    assert.deepEqual(shown, ['5 ms', '2 s', '2 min', '2 h', '1 d'])
  })
})

describe('clockTime', () => {
  it('names the hour, and the day where it is another one', () => {
    const now = new Date(2030, 0, 31, 23, 5).getTime()
    assert.equal(clockTime(now + 3_600_000, now), '00:05')
    assert.equal(clockTime(now + 3 * 86_400_000, now), '2030-02-03 23:05')
  })
})

describe('parseDuration', () => {
  const durations: readonly (readonly [text: string, ms: number])[] = [
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['30min', 1_800_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
  ]
  for (const [text, ms] of durations) {
    it(`reads ${text}`, () => {
      assert.equal(parseDuration(text), ms)
    })
  }

  for (const text of ['', '2', 'h', '-1h', '0s', '1w', '2 h', '1e3s', '9999999999s']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseDuration(text), { code: 'USAGE' })
    })
  }
})
