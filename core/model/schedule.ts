/**
 * The hours in which an owner lends a rig. Times are those on the owner's wall: a window from 22:00 to 07:00 begins
 * when the clock there shows 22:00 and ends when it shows 07:00, also in the two nights a year that have 23 or 25
 * hours.
 */

export interface ScheduleWindow {
  /** Days on which the window begins; 0 is Sunday, as in `Date.getDay()`. */
  readonly days: readonly number[]
  /** Minutes from local midnight. When `toMinute` is not later than `fromMinute` the window ends on the next day. */
  readonly fromMinute: number
  readonly toMinute: number
}

/** Open while any window is; empty means always. */
export type Schedule = readonly ScheduleWindow[]

/** What the wall clock shows. */
export interface LocalTime {
  /** 0 is Sunday. */
  readonly day: number
  /** Since midnight. */
  readonly minute: number
}

/** What the clock on this machine's wall shows at `wallMs`. */
export function localTime(wallMs: number): LocalTime {
  const date = new Date(wallMs)
  return { day: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() }
}

/** Whether the schedule is open. */
export function isOpen(schedule: Schedule, { day, minute }: LocalTime): boolean {
  if (schedule.length === 0) return true
  const yesterday = (day + 6) % 7
  return schedule.some(({ days, fromMinute, toMinute }) => {
    if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute
    return (days.includes(day) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute)
  })
}
