/** What a play has shown, counted. Pure. */
import { defined } from '../../../core/defined.ts'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import { type FaultKind, faultKind, faultTargets } from '../topology/topology-rules.ts'
import type { MeshState } from './mesh-check.ts'
import type { PlayRecord } from './play.ts'
import type { PlayedQuery } from './played-query.ts'
import type { PlayedFault } from './timeline.ts'

export interface EndCounts {
  readonly asked: number
  /** Those that the gateway gave an id. */
  readonly accepted: number
  readonly well: number
  /** Ended, with another answer than an honest engine's. */
  readonly wrong: number
  readonly error: number
  /** Never ended. */
  readonly lost: number
}

export interface FaultReport {
  readonly kind: FaultKind
  readonly at: number
  readonly for?: number
  readonly targets: readonly string[]
  /** Queries that began while it lasted. */
  readonly during: EndCounts
  /** Queries under way at its engines when it began, and what became of them. */
  readonly underWay: EndCounts & { readonly continued: number }
  /** After its end. */
  readonly mesh?: MeshState
}

export interface PlayReport {
  readonly about?: string
  readonly engines: 'simulated'
  readonly joined: MeshState
  readonly counts: EndCounts
  /** Queries whose work was done, or whose end came, more than once and unsaid. */
  readonly doubled: number
  /** Answers that another engine went on with. */
  readonly continued: number
  readonly hedged: number
  /** Errors by code, and why queries were lost. */
  readonly reasons: Readonly<Record<string, number>>
  readonly firstMs: Latencies
  readonly tookMs: Latencies
  readonly faults: readonly FaultReport[]
  readonly frames?: PlayRecord['frames']
}

/** Milliseconds of queries that ended well. */
export interface Latencies {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export function playReport(record: PlayRecord): PlayReport {
  const { topology, queries, receipts, joined, frames } = record
  const reasons: Record<string, number> = {}
  for (const { why } of queries) if (why !== undefined) reasons[why] = (reasons[why] ?? 0) + 1
  const well = queries.filter(({ end }) => end === 'well')
  const told = [...receipts.values()]
  return {
    ...defined({ about: topology.about, frames }),
    engines: 'simulated',
    joined,
    counts: countEnds(queries),
    doubled: queries.filter((query) => isDoubled(query, record)).length,
    continued: told.filter(({ continued }) => continued).length,
    hedged: told.filter(({ hedged }) => hedged).length,
    reasons,
    firstMs: latencies(well.flatMap(({ firstMs }) => firstMs ?? [])),
    tookMs: latencies(well.map(({ tookMs }) => tookMs)),
    faults: record.faults.map((played) => faultReport(played, record)),
  }
}

/** Whether nothing was lost and nothing happened twice. */
export function isSound({ counts, doubled }: PlayReport): boolean {
  return counts.lost === 0 && doubled === 0
}

function countEnds(queries: readonly PlayedQuery[]): EndCounts {
  const count = (end: PlayedQuery['end']): number => queries.filter((query) => query.end === end).length
  return {
    asked: queries.length,
    accepted: queries.filter(({ id }) => id !== undefined).length,
    well: count('well'),
    wrong: count('wrong'),
    error: count('error'),
    lost: count('lost'),
  }
}

/** An engine that did the whole work a second time is right only where the receipt tells of the second try. */
function isDoubled(query: PlayedQuery, { journals, receipts }: PlayRecord): boolean {
  if (query.ends > 1) return true
  const runs = [...journals.values()].flatMap((runs) => runs.filter(({ prompt }) => prompt === query.prompt))
  const whole = runs.filter(({ end }) => end === 'end').length
  const told = query.id === undefined ? undefined : receipts.get(query.id)
  return whole > Math.max(1, told?.attempts.length ?? 1)
}

function faultReport({ fault, beganAt, endedAt, mesh }: PlayedFault, record: PlayRecord): FaultReport {
  const targets = faultTargets(fault)
  const until = endedAt ?? Number.POSITIVE_INFINITY
  const during = record.queries.filter(({ begunAt }) => begunAt >= beganAt && begunAt < until)
  const prompts = new Set(
    targets.flatMap((name) =>
      (record.journals.get(name) ?? [])
        .filter((run) => run.begunAt < beganAt && (run.endedAt ?? beganAt) >= beganAt)
        .map(({ prompt }) => prompt),
    ),
  )
  const underWay = record.queries.filter(({ prompt }) => prompts.has(prompt))
  const receipt = ({ id }: PlayedQuery): RouteReceipt | undefined =>
    id === undefined ? undefined : record.receipts.get(id)
  return {
    kind: faultKind(fault),
    at: fault.at,
    targets,
    during: countEnds(during),
    underWay: { ...countEnds(underWay), continued: underWay.filter((query) => receipt(query)?.continued).length },
    ...defined({ for: fault.for, mesh }),
  }
}

/** Zeros where nothing ended well. */
function latencies(values: readonly number[]): Latencies {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
