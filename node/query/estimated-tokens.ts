/**
 * The count of tokens where no tokenizer within reach told it: an estimate of this node, which says that it is one. A
 * program that asks how long its prompt is wants a number rather than a refusal.
 */
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { estimatedTokens } from '../../core/query/token-estimate.ts'
import type { ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'

/** Failures that say something of the query itself, or of its owner's rules: no number stands in for them. */
const STANDS: ReadonlySet<ErrorCode> = new Set([
  'BAD_REQUEST',
  'PROMPT_TOO_LARGE',
  'MODEL_NOT_FOUND',
  'CANCELLED',
  'SCOPE_REFUSED',
  'CONSENT_NEEDED',
])

/** The estimate after `error`; undefined where only a tokenizer can answer, or the error stands. */
export function estimateInstead(query: Query, { code }: RealmeshError): AsyncIterable<QueryEvent> | undefined {
  if (query.type !== 'tokens' || STANDS.has(code)) return undefined
  const { ids, detail = 'count' } = query.body
  return ids !== undefined || detail !== 'count' ? undefined : estimate(estimatedTokens(query.body))
}

async function* estimate(count: number): AsyncGenerator<QueryEvent> {
  yield { kind: 'tokens', count, estimated: true }
  yield { kind: 'end', finishReason: 'stop' }
}
