/** The little of Prometheus' text format that engines' load signals need. */

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?\s+(-?[0-9.eE+-]+|NaN|[+-]Inf)/

/** The sum over all labels of each metric, by name. Lines that are no samples are skipped; values that are no numbers too. */
export function sumMetrics(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = SAMPLE.exec(line)
    const value = Number(match?.[2])
    if (match?.[1] === undefined || !Number.isFinite(value)) continue
    sums.set(match[1], (sums.get(match[1]) ?? 0) + value)
  }
  return sums
}
