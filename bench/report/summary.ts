/** Many rounds as one line per target: medians with their spread, and ratios to what ran beside them. */
import type { LoadResult } from '../load/load-plan.ts'

/** One figure over all rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Row {
  readonly target: string
  readonly requestsPerSecond: Spread
  readonly ofDirect: number
  readonly firstMs: Spread
  /** First byte of the body compared with the engine itself. */
  readonly addedMs: number
  readonly cpuUsPerRequest?: Spread
  readonly cpuPerRequestOfRelay?: number
  readonly cpuUsPerToken?: Spread
  readonly cpuPerTokenOfRelay?: number
  readonly rssMb?: Spread
  readonly bad: number
}

type Results = Readonly<Record<string, readonly LoadResult[]>>

/** A row per target, in the order of the targets. */
export function summarize(results: Results): readonly Row[] {
  return Object.keys(results).map((target) => row(target, results))
}

function row(target: string, results: Results): Row {
  const own = results[target] ?? []
  const figure = (name: string, pick: (result: LoadResult) => number | undefined): Spread | undefined =>
    spread((results[name] ?? []).flatMap((result) => pick(result) ?? []))
  const ratio = (pick: (result: LoadResult) => number | undefined): number | undefined => {
    const [mine, relay] = [figure(target, pick), figure('relay', pick)]
    return mine === undefined || relay === undefined ? undefined : mine.median / relay.median
  }
  const perSecond = figure(target, (r) => r.requestsPerSecond) ?? NOTHING
  const first = figure(target, (r) => r.firstMs.p50) ?? NOTHING
  return {
    target,
    requestsPerSecond: perSecond,
    ofDirect: perSecond.median / (figure('direct', (r) => r.requestsPerSecond) ?? NOTHING).median,
    firstMs: first,
    addedMs: first.median - (figure('direct', (r) => r.firstMs.p50) ?? NOTHING).median,
    ...defined(
      'cpuUsPerRequest',
      figure(target, (r) => r.cpuUsPerRequest),
    ),
    ...defined(
      'cpuPerRequestOfRelay',
      ratio((r) => r.cpuUsPerRequest),
    ),
    ...defined(
      'cpuUsPerToken',
      figure(target, (r) => r.cpuUsPerToken),
    ),
    ...defined(
      'cpuPerTokenOfRelay',
      ratio((r) => r.cpuUsPerToken),
    ),
    ...defined(
      'rssMb',
      figure(target, (r) => r.rssMb),
    ),
    bad: own.reduce((sum, result) => sum + result.bad, 0),
  }
}

const NOTHING: Spread = { median: 0, min: 0, max: 0 }

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}

/** Undefined for no values. */
export function spread(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const [min, max, median] = [sorted[0], sorted.at(-1), sorted[sorted.length >> 1]]
  return min === undefined || max === undefined || median === undefined ? undefined : { median, min, max }
}
