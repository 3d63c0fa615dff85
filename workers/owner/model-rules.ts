/** Which models of an engine are used, and under which other names. Written by the owner, per worker and per realm. */
import { canonicalModelName } from '../../core/model/model-name.ts'

export interface ModelRules {
  /** Only these models; `*` stands for any characters. Absent or empty: all. */
  readonly allow?: readonly string[] | undefined
  /** Never these, even when allowed. */
  readonly deny?: readonly string[] | undefined
  /** Other name → the model's own name. One step: an alias of an alias is not followed. */
  readonly aliases?: Readonly<Record<string, string>> | undefined
}

/** Models that the rules name in full: the owner vouches for them, whether the engine lists them or not. */
export function vouchedModels(rules: ModelRules | undefined): readonly string[] {
  return (rules?.allow ?? []).filter((pattern) => !pattern.includes('*'))
}

/** Whether the rules let this model be used. */
export function modelAllowed(rules: ModelRules | undefined, name: string): boolean {
  if (rules === undefined) return true
  const { allow = [], deny = [] } = rules
  if (deny.some((pattern) => matches(pattern, name))) return false
  return allow.length === 0 || allow.some((pattern) => matches(pattern, name))
}

/** Literal pieces in order, the first and the last anchored: linear in the name, whatever the pattern. */
function matches(pattern: string, name: string): boolean {
  const text = canonicalModelName(name)
  const pieces = canonicalModelName(pattern).split('*')
  const first = pieces.shift() ?? ''
  const last = pieces.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || text.length < first.length + last.length) return false
  let at = first.length
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return text.endsWith(last) && text.length - last.length >= at
}
