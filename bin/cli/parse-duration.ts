/** `90s`, `30m`, `2h`, `1d` as milliseconds. Pure. */
import { RealmeshError } from '../../core/realmesh-error.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }

const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|min|h|d)$/

/** Throws `USAGE` for what is no duration, or none at all. */
export function parseDuration(text: string): number {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? []
  const ms = Math.round(Number(count) * (UNITS[unit] ?? 0))
  if (ms > 0) return ms
  throw new RealmeshError('USAGE', `${text} is not a duration`, { fix: 'write 90s, 30m, 2h or 1d' })
}
