/** What a query costs, in credits. RENT-A-HAL's formula: so much for each, and so much for each second of it. */
import type { RouteReceipt } from '../../core/query/receipt.ts'

export interface Prices {
  /** Credits for each query that was served. */
  readonly perQuery: number
  /** Credits for each second from its acceptance to its end, waits included. */
  readonly perSecond: number
}

/** A program asks how long its prompt is before each question: nothing is computed for it, and it costs nothing. */
export function costOf(
  { type, outcome, totalMs }: Pick<RouteReceipt, 'type' | 'outcome' | 'totalMs'>,
  { perQuery, perSecond }: Prices,
): number {
  return outcome !== 'served' || type === 'tokens' ? 0 : perQuery + (totalMs / 1_000) * perSecond
}
