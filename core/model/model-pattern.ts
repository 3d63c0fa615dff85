/** Patterns for names of models: `llama3*`, `*:7b`, `qwen/*`. `*` stands for any text, also for none. */
import { canonicalModelName } from './model-name.ts'

/** Whether the name is one of those that `patterns` mean, in the form in which names are compared. */
export function matchesModel(patterns: readonly string[], name: string): boolean {
  const wanted = canonicalModelName(name)
  return patterns.some((pattern) => matches(canonicalModelName(pattern), wanted))
}

/** Piece by piece from the left: the time grows with the name, whatever the pattern. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - at >= last.length && name.endsWith(last)
}
