/** Spans of time as people write them: `90s`, `30m`, `2h`, `1d`; and as they read them: `3 min`, `2 h`. Pure. */
import { RealmeshError } from '../../core/realmesh-error.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }

const WRITTEN = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|min|h|d)$/

/** Milliseconds; undefined for what is no duration, or none at all. */
export function readDuration(text: string): number | undefined {
  const [, count = '', unit = ''] = WRITTEN.exec(text) ?? []
  const ms = Math.round(Number(count) * (UNITS[unit] ?? 0))
  return ms > 0 ? ms : undefined
}

/** Milliseconds. Throws `USAGE` for what is no duration, or none at all. */
export function parseDuration(text: string): number {
  const ms = readDuration(text)
  if (ms !== undefined) return ms
  throw new RealmeshError('USAGE', `${text} is not a duration`, { fix: 'write 90s, 30m, 2h or 1d' })
}

const STEPS: readonly (readonly [size: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** In the largest unit that fits, rounded. */
export function formatDuration(ms: number): string {
  const [size, unit] = STEPS.find(([step]) => ms >= step) ?? [1, 'ms']
  return `${Math.round(ms / size)} ${unit}`
}

const DAY_MS = 86_400_000

/** A moment as people read a clock, with the day where it is not within a day of `nowMs`. Local time. */
export function clockTime(wallMs: number, nowMs = Date.now()): string {
  const at = new Date(wallMs)
  const two = (part: number): string => String(part).padStart(2, '0')
  const hours = `${two(at.getHours())}:${two(at.getMinutes())}`
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return Math.abs(wallMs - nowMs) < DAY_MS ? hours : `${day} ${hours}`
}

/** Milliseconds of a round trip; tenths where they tell anything. */
export function formatMillis(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`
}
