/**
 * Hours as people write them: `22:00-07:00`, `mon-fri 18:00-08:00; sat,sun`. What they mean is in
 * core/model/schedule.ts.
 */
import type { Schedule, ScheduleWindow } from '../../core/model/schedule.ts'

const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
const WINDOW = /^([a-z]{3}(?:[,-][a-z]{3})*)?\s*(?:(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2}))?$/
const MINUTES_PER_DAY = 24 * 60

/** More windows than a person writes; keeps a broken file from costing time on every query. */
const MAX_WINDOWS = 64

/** Windows separated by `;`, each with days, hours or both; undefined when `text` is no schedule. */
export function parseSchedule(text: string): Schedule | undefined {
  const windows = text.toLowerCase().split(';').map(parseWindow)
  return windows.length <= MAX_WINDOWS && windows.every((window) => window !== undefined) ? windows : undefined
}

function parseWindow(text: string): ScheduleWindow | undefined {
  const [match, days, fromHour, fromMinute, toHour, toMinute] = WINDOW.exec(text.trim()) ?? []
  if (match === undefined || match === '') return undefined
  const parsedDays = days === undefined ? EVERY_DAY : parseDays(days)
  const from = fromHour === undefined ? 0 : minuteOfDay(fromHour, fromMinute)
  const to = toHour === undefined ? MINUTES_PER_DAY : minuteOfDay(toHour, toMinute)
  if (parsedDays === undefined || from === undefined || to === undefined || from === to) return undefined
  return { days: parsedDays, fromMinute: from, toMinute: to }
}

function minuteOfDay(hour = '', minute = ''): number | undefined {
  const total = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && total <= MINUTES_PER_DAY ? total : undefined
}

/** `fri-mon` goes over the end of the week. */
function parseDays(text: string): readonly number[] | undefined {
  const found = new Set<number>()
  for (const range of text.split(',')) {
    const [first = '', last = first, ...more] = range.split('-')
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)]
    if (from < 0 || to < 0 || more.length > 0) return undefined
    for (let step = 0; step <= (to - from + 7) % 7; step += 1) found.add((from + step) % 7)
  }
  return [...found].sort()
}
