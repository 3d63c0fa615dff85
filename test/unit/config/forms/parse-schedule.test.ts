import assert from 'node:assert/strict'
import { parseSchedule } from '../../../../config/forms/parse-schedule.ts'

describe('schedules', () => {
  const everyDay = [0, 1, 2, 3, 4, 5, 6]
  const rows = [
    ['22:00-07:00', [{ days: everyDay, fromMinute: 1320, toMinute: 420 }]],
    ['Mon-Fri 18:00-08:00', [{ days: [1, 2, 3, 4, 5], fromMinute: 1080, toMinute: 480 }]],
    ['fri-mon 0:00-24:00', [{ days: [0, 1, 5, 6], fromMinute: 0, toMinute: 1440 }]],
    [
      'sat,sun; wed 12:00-13:30',
      [
        { days: [0, 6], fromMinute: 0, toMinute: 1440 },
        { days: [3], fromMinute: 720, toMinute: 810 },
      ],
    ],
    ['', undefined],
    ['always', undefined],
    ['25:00-26:00', undefined],
    ['10:60-11:00', undefined],
    ['10:00-10:00', undefined],
    ['mo 10:00-11:00', undefined],
    ['mon 10:00-11:00;', undefined],
  ] as const
  for (const [text, windows] of rows) {
    it(`${JSON.stringify(text)} ${windows === undefined ? 'is none' : 'is read'}`, () => {
      assert.deepEqual(parseSchedule(text), windows)
    })
  }
})
