/** Vectors as an engine sent them, checked and as query events. */
import type { EmbedQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'

function vectorOf(engine: string, value: unknown): Float32Array {
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'number')) {
    throw garbage(engine, 'an embedding that is not a list of numbers')
  }
  const vector = Float32Array.from(value)
  if (!vector.every(Number.isFinite)) throw garbage(engine, 'an embedding with numbers that are too large')
  return vector
}

/** Vectors of another length than was asked for break the store that they are made for. */
function otherDimensions(model: string, made: number, asked: number): RealmeshError {
  return new RealmeshError(
    'CAPABILITY_MISSING',
    `${model} makes vectors of ${made} numbers, not of ${asked} (dimensions)`,
    {
      fix: `leave dimensions out, or ask for ${made}`,
    },
  )
}

/**
 * One event per input, in order, then the end. Throws `ENGINE_GARBAGE` unless there is one vector per input, and
 * `CAPABILITY_MISSING` when they have another length than the query's `dimensions`.
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
  const read = vectors.map((value) => vectorOf(engine, value))
  const [first] = read
  const { dimensions } = query.body
  if (dimensions !== undefined && first !== undefined && first.length !== dimensions) {
    throw otherDimensions(query.model, first.length, dimensions)
  }
  for (const [index, vector] of read.entries()) yield { kind: 'embedding', index, vector }
  yield { kind: 'end', finishReason: 'stop', usage: { promptTokens: promptTokens ?? 0, completionTokens: 0 } }
}
