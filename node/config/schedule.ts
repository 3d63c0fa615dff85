/** Opening hours as people write them: `22:00-07:00`, `mon-fri 18:00-08:00`, `sat,sun 00:00-24:00`. */
import type { ScheduleWindow } from './config.ts'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
const WINDOW = /^(?:([a-z,-]+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/
const MINUTES_PER_DAY = 24 * 60

/** One window; undefined when `text` is none. */
export function parseWindow(text: string): ScheduleWindow | undefined {
  const [, days, ...clock] = WINDOW.exec(text.trim().toLowerCase()) ?? []
  const [fromHour = -1, fromMin = 0, toHour = -1, toMin = 0] = clock.map(Number)
  const from = minuteOfDay(fromHour, fromMin)
  const to = minuteOfDay(toHour, toMin)
  const parsedDays = days === undefined ? EVERY_DAY : parseDays(days)
  if (from === undefined || to === undefined || parsedDays === undefined || from === to) return undefined
  return { days: parsedDays, fromMinute: from, toMinute: to }
}

/** Whether `windows` are open at a local time; no windows means always. Pure: the time is an argument. */
export function isOpen(windows: readonly ScheduleWindow[], at: Date): boolean {
  if (windows.length === 0) return true
  const today = at.getDay()
  const yesterday = (today + 6) % 7
  const minute = at.getHours() * 60 + at.getMinutes()
  return windows.some(({ days, fromMinute, toMinute }) => {
    if (fromMinute < toMinute) return days.includes(today) && minute >= fromMinute && minute < toMinute
    return (days.includes(today) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute)
  })
}

function minuteOfDay(hour: number, minute: number): number | undefined {
  const total = hour * 60 + minute
  return hour >= 0 && minute < 60 && total <= MINUTES_PER_DAY ? total : undefined
}

/** `fri-mon` goes over the end of the week. */
function parseDays(text: string): readonly number[] | undefined {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-')
    const [from, to] = [dayNumber(first), dayNumber(last)]
    if (from === undefined || to === undefined || more.length > 0) return undefined
    for (let day = from; ; day = (day + 1) % 7) {
      found.add(day)
      if (day === to) break
    }
  }
  return [...found].sort()
}

function dayNumber(name: string): number | undefined {
  const index = (DAYS as readonly string[]).indexOf(name)
  return index === -1 ? undefined : index
}
