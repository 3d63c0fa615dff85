/** How fast the lines of a batch come, and when the last will. Pure bookkeeping. */

/** The rate is that of so many of the latest lines. */
const LATEST = 100

export class LineRate {
  /** When they ended, the oldest first. */
  readonly #ends: number[] = []

  /** A line ended. `now`: monotonic milliseconds. */
  note(now: number): void {
    this.#ends.push(now)
    if (this.#ends.length > LATEST) this.#ends.shift()
  }

  /** Lines per minute; undefined while fewer than two have ended. Those that do not come make it less. */
  perMinute(now: number): number | undefined {
    const [first] = this.#ends
    if (first === undefined || this.#ends.length < 2) return undefined
    const ms = Math.max(1, now - first)
    return (this.#ends.length / ms) * 60_000
  }
}

/** Milliseconds until `left` lines have come; undefined where nothing is known. */
export function etaMs(left: number, linesPerMinute: number | undefined): number | undefined {
  if (left === 0) return 0
  return linesPerMinute === undefined ? undefined : Math.round((left / linesPerMinute) * 60_000)
}
