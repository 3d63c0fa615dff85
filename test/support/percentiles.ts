/** Figures of a scenario in one line. */

/** The value below which the share `q` of all lies; NaN for none. */
export function percentile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** `name: n, p50, p95, max` in milliseconds. */
export function percentileLine(name: string, values: readonly number[]): string {
  const at = (q: number): string => percentile(values, q).toFixed(0)
  return `${name}: ${values.length} times, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`
}
