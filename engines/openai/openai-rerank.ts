/**
 * Ranking in Jina's shape, which llama-server, vLLM, LocalAI and Infinity share: one page, scores by index. Pure
 * translation.
 */
import { defined } from '../../core/defined.ts'
import type { RerankQuery } from '../../core/query/query.ts'
import type { QueryEvent, RankedEvent } from '../../core/query/query-event.ts'
import { garbage } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, type JsonObject, objectsOf } from '../http/json-shape.ts'

/** The page that ranks. */
export const RERANK_PAGE = '/v1/rerank'

/** What is sent to see whether an engine ranks: it has nothing to rank, and costs the engine nothing. */
export const NOTHING_TO_RANK = { query: '', documents: [] } as const

/** The body of `/v1/rerank`. All scores are asked for: engines differ in how they read a bound. */
export function rerankBody({ body }: RerankQuery, id: string): JsonObject {
  return { model: id, query: body.query, documents: body.documents }
}

/** One event per document, best first, then the end. Throws `ENGINE_GARBAGE` unless each document has one score. */
export function* rankedEvents(engine: string, { body }: RerankQuery, reply: unknown): Generator<QueryEvent> {
  const { documents, topN = documents.length } = body
  const told = asObject(reply)
  const ranked = objectsOf(told?.['results'] ?? told?.['data'] ?? reply).map((entry) => rankedOf(engine, entry))
  const indexes = new Set(ranked.map(({ index }) => index))
  if (ranked.length !== documents.length || indexes.size !== documents.length) {
    throw garbage(engine, 'another number of scores than of documents')
  }
  if (ranked.some(({ index }) => index >= documents.length)) throw garbage(engine, 'a score of no document')
  yield* ranked.toSorted((a, b) => b.score - a.score || a.index - b.index).slice(0, topN)
  const usage = asObject(told?.['usage'])
  const promptTokens = asCount(usage?.['prompt_tokens']) ?? asCount(usage?.['total_tokens'])
  yield {
    kind: 'end',
    finishReason: 'stop',
    ...defined({ usage: promptTokens === undefined ? undefined : { promptTokens, completionTokens: 0 } }),
  }
}

function rankedOf(engine: string, entry: JsonObject): RankedEvent {
  const index = asNumber(entry['index'])
  const score = asNumber(entry['relevance_score']) ?? asNumber(entry['score'])
  if (index === undefined || score === undefined || !Number.isFinite(score) || !Number.isInteger(index) || index < 0) {
    throw garbage(engine, 'a score that is none')
  }
  return { kind: 'ranked', index, score }
}
