/** Response headers that every answer to a query carries, in every API family. */
import type { RouteReceipt } from '../../core/query/receipt.ts'

/** What is known of an answer when its head is written. */
export interface AnswerFacts {
  readonly queryId: string
  /** Peer id of the node that serves. */
  readonly node: string | undefined
  readonly receipt?: RouteReceipt | undefined
}

/** `x-realmesh-query`, and where known `x-realmesh-node` and `x-realmesh-overhead-us` (this node's own time, not the engine's). */
export function answerHeaders(facts: AnswerFacts): Record<string, string> {
  const headers: Record<string, string> = { 'x-realmesh-query': facts.queryId }
  if (facts.node !== undefined) headers['x-realmesh-node'] = facts.node
  if (facts.receipt !== undefined) headers['x-realmesh-overhead-us'] = String(Math.round(facts.receipt.overheadUs))
  return headers
}

/** Headers that keep every box on the way from holding back pieces of an answer. */
export const STREAM_HEADERS = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } as const
