/** Figures as text, in columns. */
import type { Row, Spread } from './summary.ts'

type Column = readonly [title: string, cell: (row: Row) => string]

const COLUMNS: readonly Column[] = [
  ['target', (row) => row.target],
  ['req/s', (row) => row.requestsPerSecond.median.toFixed(0)],
  ['of direct', (row) => row.ofDirect.toFixed(2)],
  ['first ms', (row) => row.firstMs.median.toFixed(2)],
  ['added ms', (row) => row.addedMs.toFixed(2)],
  ['CPU µs/req', (row) => withSpread(row.cpuUsPerRequest)],
  ['of relay', (row) => number(row.cpuPerRequestOfRelay)],
  ['CPU µs/token', (row) => withSpread(row.cpuUsPerToken)],
  ['of relay', (row) => number(row.cpuPerTokenOfRelay)],
  ['RSS MB', (row) => number(row.rssMb?.median, 0)],
  ['bad', (row) => String(row.bad)],
]

/** A table of the rows, as text with one line per target. */
export function table(rows: readonly Row[]): string {
  return columns([COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))])
}

/** Lines of cells, padded so that they stand under each other. */
export function columns(lines: readonly (readonly string[])[]): string {
  const width = (index: number): number => Math.max(...lines.map((line) => line[index]?.length ?? 0))
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(width(i)) : cell.padStart(width(i)))).join('  '))
    .join('\n')
}

function number(value: number | undefined, digits = 2): string {
  return value === undefined ? '-' : value.toFixed(digits)
}

function withSpread(value: Spread | undefined): string {
  if (value === undefined) return '-'
  return `${value.median.toFixed(1)} (${value.min.toFixed(0)}-${value.max.toFixed(0)})`
}
