/** What realmesh adds to an answer in a field of its own, which clients that do not know it ignore. */
import { defined } from '../../core/defined.ts'
import type { EndEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'

export interface Extras {
  /** Pages that a built-in guide answered from. */
  readonly sources?: readonly string[]
  /** The way of the query, when the client asked for it. */
  readonly receipt?: RouteReceipt
}

/** The `realmesh` field of an answer; undefined when there is nothing to add. */
export function extrasOf(end: EndEvent | undefined, wantsReceipt: boolean): Extras | undefined {
  if (end === undefined) return undefined
  const receipt = wantsReceipt ? end.receipt : undefined
  if (receipt === undefined && end.sources === undefined) return undefined
  return defined({ sources: end.sources, receipt })
}
