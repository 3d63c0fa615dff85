/** Rows as aligned columns. Pure. */
import { cleanText } from '../../core/clean-text.ts'

/** `heads` names the columns. The last column is not padded; empty tables give nothing. */
export function textTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const all = [heads, ...rows.map((row) => row.map((cell) => cleanText(cell)))]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** The end of a peer id, which differs where its beginning does not. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id
}
