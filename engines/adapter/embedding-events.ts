/** Vectors as an engine sent them, checked and as query events. */
import type { EmbedQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { garbage } from '../http/http-errors.ts'

function vectorOf(engine: string, value: unknown): Float32Array {
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'number')) {
    throw garbage(engine, 'an embedding that is not a list of numbers')
  }
  return Float32Array.from(value)
}

/**
 * One event per input, in order, then the end. Throws `ENGINE_GARBAGE` unless there is exactly one vector per input.
 */
export function* embeddingEvents(
  engine: string,
  query: EmbedQuery,
  vectors: unknown,
  promptTokens: number | undefined,
): Generator<QueryEvent> {
  if (!Array.isArray(vectors) || vectors.length !== query.body.inputs.length) {
    throw garbage(engine, 'another number of embeddings than was asked for')
  }
  for (const [index, value] of vectors.entries()) {
    yield { kind: 'embedding', index, vector: vectorOf(engine, value) }
  }
  yield { kind: 'end', finishReason: 'stop', usage: { promptTokens: promptTokens ?? 0, completionTokens: 0 } }
}
