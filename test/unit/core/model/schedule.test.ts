import assert from 'node:assert/strict'
import { isOpen, localTime, type Schedule } from '../../../../core/model/schedule.ts'

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
const [SUN, MON, FRI, SAT] = [0, 1, 5, 6]
const minutes = (text: string): number => {
  const [hours = 0, rest = 0] = text.split(':').map(Number)
  return hours * 60 + rest
}
const window = (from: string, to: string, days = EVERY_DAY): Schedule => [
  { days, fromMinute: minutes(from), toMinute: minutes(to) },
]

describe('isOpen', () => {
  const ROWS: readonly [string, Schedule, number, string, boolean][] = [
    ['no window means always', [], MON, '03:00', true],
    ['begins at its first minute', window('09:00', '17:00'), MON, '09:00', true],
    ['is closed a minute before', window('09:00', '17:00'), MON, '08:59', false],
    ['ends before its last minute', window('09:00', '17:00'), MON, '17:00', false],
    ['over midnight: open in the evening', window('22:00', '07:00'), MON, '23:30', true],
    ['over midnight: open in the morning', window('22:00', '07:00'), MON, '06:59', true],
    ['over midnight: closed by day', window('22:00', '07:00'), MON, '12:00', false],
    ['the night from Friday reaches into Saturday', window('22:00', '07:00', [FRI]), SAT, '06:00', true],
    ['the night before Friday is not his', window('22:00', '07:00', [FRI]), FRI, '06:00', false],
    ['the night from Saturday reaches into Sunday', window('22:00', '07:00', [SAT]), SUN, '06:00', true],
    ['up to 24:00', window('18:00', '24:00'), MON, '23:59', true],
    ['up to 24:00, not beyond', window('18:00', '24:00'), MON, '00:00', false],
    ['equal times mean the whole day', window('00:00', '00:00', [SAT]), SAT, '12:00', true],
    ['any open window opens', [...window('01:00', '02:00'), ...window('12:00', '13:00')], MON, '12:30', true],
  ]
  for (const [what, schedule, day, time, expected] of ROWS) {
    it(what, () => {
      assert.equal(isOpen(schedule, { day, minute: minutes(time) }), expected)
    })
  }
})

describe('localTime', () => {
  const zone = process.env['TZ']
  before(() => {
    process.env['TZ'] = 'Europe/Berlin'
  })
  after(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })

  // On 2026-03-29 clocks go from 02:00 to 03:00 (01:00 UTC), on 2026-10-25 from 03:00 back to 02:00 (01:00 UTC).
  for (const [what, utc, shown] of [
    ['the last minute of winter time', '2026-03-29T00:59:00Z', '01:59'],
    ['the first minute of summer time', '2026-03-29T01:00:00Z', '03:00'],
    ['the doubled hour, first time', '2026-10-25T00:30:00Z', '02:30'],
    ['the doubled hour, second time', '2026-10-25T01:30:00Z', '02:30'],
    ['the hour after it', '2026-10-25T02:00:00Z', '03:00'],
  ] as const) {
    it(`shows what the clock on the wall shows: ${what}`, () => {
      assert.deepEqual(localTime(Date.parse(utc)), { day: SUN, minute: minutes(shown) })
    })
  }

  it('keeps a night window on the wall clock in both nights that change', () => {
    const night = window('22:00', '03:00')
    const openAt = (utc: string): boolean => isOpen(night, localTime(Date.parse(utc)))
    assert.deepEqual(
      ['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z', '2026-10-25T01:59:00Z', '2026-10-25T02:00:00Z'].map(openAt),
      [true, false, true, false],
    )
  })
})
