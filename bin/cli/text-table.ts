/** Rows as aligned columns, within the width of a terminal. Pure. */
import { cleanText } from '../../core/clean-text.ts'
import { wrapText } from './wrap-text.ts'

export interface TableInit<Head extends string = string> {
  /** Columns of the terminal. @default infinite: what a pipe gets is never cut */
  readonly width?: number | undefined
  /** Heads of columns that a narrow terminal goes without, the first one first. @default none */
  readonly spare?: readonly Head[]
}

const GAP = '  '

/** Room with which the last column wraps rather than have others go: a reason or names stay readable. */
const READABLE = 24

/** `heads` names the columns. The last column is not padded, and wraps below itself; empty tables give nothing. */
export function textTable<const Head extends string>(
  heads: readonly Head[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, spare = [] }: TableInit<NoInfer<Head>> = {},
): string {
  if (rows.length === 0) return ''
  const columns = fitted(
    heads.map((head, i) => [head, ...rows.map((row) => cleanText(row[i] ?? ''))]),
    width,
    spare,
  )
  const widths = columns.map(widest)
  const room = width - before(widths)
  const lines = [heads, ...rows].flatMap((_, i) => {
    const cells = columns.map((cells) => cells[i] ?? '')
    const [first = '', ...below] = wrapText(cells.pop() ?? '', room)
    const padded = cells.map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}${GAP}`).join('')
    return [`${padded}${first}`.trimEnd(), ...below.map((line) => `${' '.repeat(padded.length)}${line}`)]
  })
  return `${lines.join('\n')}\n`
}

/** A column from its head down. */
type Column = readonly string[]

/** Without as many of the spare columns as the width asks for; those that say nothing go first. */
function fitted(columns: readonly Column[], width: number, spare: readonly string[]): readonly Column[] {
  const named = spare.map((head) => columns.find(([own]) => own === head)).filter((column) => column !== undefined)
  const mute = named.filter(([, ...cells]) => cells.every((cell) => cell === '-' || cell === ''))
  const order = [...mute, ...named.filter((column) => !mute.includes(column))]
  let left = columns
  for (const column of order) {
    if (fits(left, width)) break
    left = left.filter((other) => other !== column)
  }
  return left
}

function fits(columns: readonly Column[], width: number): boolean {
  const widths = columns.map(widest)
  const words = (columns.at(-1) ?? []).flatMap((cell) => cell.split(' '))
  const needed = Math.max(Math.min(READABLE, widths.at(-1) ?? 0), widest(words))
  return before(widths) + needed <= width
}

/** Where the last column begins. */
function before(widths: readonly number[]): number {
  return widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
}

function widest(column: Column): number {
  return Math.max(0, ...column.map((cell) => cell.length))
}

/** The end of a peer id, which differs where its beginning does not. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id
}
